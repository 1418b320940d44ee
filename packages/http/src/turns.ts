import { setTimeout as sleep } from "node:timers/promises"
import { tooMany } from "./limits.js"

/** Does work of one key one after the other. @throws Problem `request.too-many` where too many wait already */
export type InTurn = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>

const RETRY_AFTER_SECONDS = 2

/**
 * For work that locks one row: who waits for their turn here holds no connection of the database, while those who
 * wait for the lock would hold all there are.
 *
 * @param options.maxWaiting how many may wait for one key
 * @param options.leastMs how long a turn takes at least, so that nobody can tell what was done in it (check 24)
 */
export function createTurns(options: { maxWaiting: number; leastMs?: number }): InTurn {
  const { maxWaiting, leastMs = 0 } = options
  const lines = new Map<string, { length: number; end: Promise<unknown> }>()

  return async (key, work) => {
    const line = lines.get(key) ?? { length: 0, end: Promise.resolve() }
    // The first of them has its turn.
    if (line.length > maxWaiting) throw tooMany(RETRY_AFTER_SECONDS)
    lines.set(key, line)
    line.length++
    const turn = line.end.then(() =>
      Promise.allSettled([(async () => work())(), leastMs > 0 ? sleep(leastMs) : undefined]),
    )
    line.end = turn
    const [outcome] = await turn
    line.length--
    if (line.length === 0) lines.delete(key)
    if (outcome.status === "rejected") throw outcome.reason
    return outcome.value
  }
}
