import { setTimeout as sleep } from "node:timers/promises"
import type { Member, Site } from "@gatepost/fleet"
import type { Random } from "../random.js"

/** How often each thing happens in a run. */
export interface FaultCounts {
  /** SIGKILLs, of any process. */
  kills: number
  /** SIGSTOPs of a worker for longer than its lock. */
  freezes: number
  /** Immediate stops of PostgreSQL. */
  crashes: number
  /** FLUSHALLs. */
  flushes: number
}

// Beyond the lock of a job (4 s) and the silence that a worker is allowed (6 s).
const FREEZE_MS = 9_000
const AWAY_MS = 800
const BUSY_MS = 50

/**
 * Lets everything happen that is to happen, spread over the time at random; resolves when the last is over.
 *
 * @param log told what happened
 */
export async function causeTrouble(options: {
  counts: FaultCounts
  seconds: number
  random: Random
  members: readonly Member[]
  workers: readonly Member[]
  site: Site
  log(text: string): void
}): Promise<void> {
  const { counts, seconds, random, site, log } = options
  const busy = new Set<Member>()

  /** One that nothing is happening to, chosen by the seed; waits for one where there is none. */
  async function withVictim(candidates: readonly Member[], work: (victim: Member) => Promise<void>) {
    for (;;) {
      const free = candidates.filter((member) => !busy.has(member))
      const victim = free[random.below(free.length)]
      if (!victim) {
        await sleep(BUSY_MS)
        continue
      }
      busy.add(victim)
      return work(victim).finally(() => busy.delete(victim))
    }
  }

  let postgresIsBack = Promise.resolve()
  const deeds: Record<keyof FaultCounts, () => Promise<void>> = {
    kills: () =>
      withVictim(options.members, async (victim) => {
        log(`SIGKILL ${victim.name}`)
        await victim.kill()
      }),
    freezes: () =>
      withVictim(options.workers, async (victim) => {
        log(`SIGSTOP ${victim.name}`)
        await victim.freeze(FREEZE_MS)
      }),
    crashes: () => {
      // One at a time.
      postgresIsBack = postgresIsBack.then(() => {
        log("PostgreSQL stops at once")
        return site.crashPostgres(AWAY_MS)
      })
      return postgresIsBack
    },
    flushes: () => {
      log("FLUSHALL")
      return site.flushRedis()
    },
  }

  const schedule = (Object.keys(deeds) as (keyof FaultCounts)[]).flatMap((kind) =>
    Array.from({ length: counts[kind] }, () => ({ kind, atMs: random.next() * seconds * 1_000 })),
  )
  await Promise.all(
    schedule.map(async ({ kind, atMs }) => {
      await sleep(atMs)
      await deeds[kind]()
    }),
  )
}
