import { setTimeout as sleep } from "node:timers/promises"

const EVEN_MS = 60

/**
 * Answers after at least 60 ms, several times what the work takes: so a call that did something (a known
 * address) takes as long as one that did not (the T-rule of SECURITY.md, check 24).
 */
export async function evenly<Result>(work: Promise<Result>): Promise<Result> {
  const [result] = await Promise.all([work, sleep(EVEN_MS)])
  return result
}
