import { setTimeout as sleep } from "node:timers/promises"

const EVEN_MS = 60

/**
 * Settles, also with a failure, after at least 60 ms, several times what the work takes: so a call that did something (a known
 * address) takes as long as one that did not (the T-rule of SECURITY.md, check 24).
 */
export async function evenly<Result>(work: Promise<Result>): Promise<Result> {
  const [outcome] = await Promise.allSettled([work, sleep(EVEN_MS)])
  if (outcome.status === "rejected") throw outcome.reason
  return outcome.value
}
