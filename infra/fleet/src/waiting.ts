import { setTimeout as sleep } from "node:timers/promises"

const WAIT_MS = 60_000
const POLL_MS = 100

/** Asks again and again. @throws naming what did not come about */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + WAIT_MS; !(await isSo().catch(() => false)); await sleep(POLL_MS)) {
    if (Date.now() > deadline) throw new Error(`not within ${WAIT_MS / 1_000} s: ${what}`)
  }
}
