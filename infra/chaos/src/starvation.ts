import { setTimeout as sleep } from "node:timers/promises"
import type { Site } from "@gatepost/fleet"
import type { Trouble } from "./trouble.js"

const EVERY_MS = 250
// Half of what a service waits for a connection: with its own way to go it gives up, and says 503.
const STARVED_MS = 500
const FELT_MS = 2_000

export interface StarvationWatch {
  /** Since it began, in ms. */
  total(): number
  stop(): Promise<void>
}

/**
 * Notes as trouble when this machine itself, busy with other work, lets a connection to PostgreSQL take too long:
 * then a 503 says nothing of the fault, and is counted apart, since a fault that makes PostgreSQL slow would look the
 * same. All else is as forbidden as ever.
 */
export function watchStarvation(site: Site, troubles: Trouble[]): StarvationWatch {
  let isOpen = true
  let total = 0
  const watching = (async () => {
    for (; isOpen; await sleep(EVERY_MS)) {
      const from = performance.now()
      // Where it is away, the fault's own trouble tells.
      if (!(await site.query("select 1").catch(() => undefined))) continue
      const until = performance.now()
      if (until - from < STARVED_MS) continue
      total += until - from
      troubles.push({ from: from - FELT_MS, until: until + FELT_MS, allows: ["unavailable"], isBusy: true })
    }
  })()
  return {
    total: () => total,
    async stop() {
      isOpen = false
      await watching
    },
  }
}
