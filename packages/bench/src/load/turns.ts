import { setTimeout as sleep } from "node:timers/promises"

/** Waits for the turn of the next request; gives the time its latency counts from, undefined at the end. */
export type NextTurn = () => Promise<number | undefined>

/** At once: whoever has an answer sends the next request. */
export const backToBack =
  (deadline: number): NextTurn =>
  async () => {
    const now = performance.now()
    return now < deadline ? now : undefined
  }

/**
 * So many a second, however slow the answers. Where every connection still waits for one, the request is late,
 * and that counts: else a slow server would be asked less. A late timer of ours does not count.
 */
export function atFixedRate(perSecond: number, started: number, deadline: number): NextTurn {
  let turns = 0
  return async () => {
    const due = started + (turns++ * 1000) / perSecond
    if (due >= deadline) return undefined
    const early = due - performance.now()
    if (early <= 0) return due
    await sleep(early)
    return performance.now()
  }
}
