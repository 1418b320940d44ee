import { setTimeout as sleep } from "node:timers/promises"
import type { Member } from "@gatepost/fleet"
import type { Stage } from "../stage.js"
import { type Fault, must, took } from "./fault.js"

const AWAY_MS = 4_000
const FELT_MS = 2_000
const POLL_MS = 100
const LIMIT_MS = 120_000
const PROMISED_MS = 3_000

export const probes: Fault = {
  id: "R2",
  promise: "Probes tell the truth",
  fault:
    "PostgreSQL, then Redis, then the SMTP server is stopped for 4 s, while both probes of each API process are asked ten times a second",
  expected:
    "/livez always 200; /readyz 503 within 3 s of the loss of PostgreSQL, 200 within 3 s of its return, and 200 all the while without Redis or SMTP",
  async inject(stage, rounds) {
    const members = stage.members("auth", "notifications")
    const watch = watchProbes(members)
    const losses: number[] = []
    const returns: number[] = []
    let unready = 0
    for (let round = 0; round < rounds; round++) {
      await stage.during(["unavailable"], FELT_MS, async () => {
        const lost = watch.until(503)
        await stage.site.stopPostgres("immediate")
        losses.push(await lost)
        await sleep(AWAY_MS)
        await stage.site.startPostgres()
        returns.push(await watch.until(200))
      })
      for (const part of [redisOf(stage), stage.mailbox]) {
        await part.stop()
        await sleep(AWAY_MS)
        if (members.some(({ name }) => watch.last(name) !== 200)) unready++
        await part.start()
      }
    }
    const dead = await watch.stop()
    return [
      must(`/livez failed ${dead} times`, dead === 0),
      must(`not ready for want of Redis or SMTP: ${unready}`, unready === 0),
      took("all 503 after the loss of PostgreSQL", losses, PROMISED_MS),
      took("all 200 after its return", returns, PROMISED_MS),
    ]
  },
}

export function redisOf({ site }: Stage) {
  if (!site.redis) throw new Error("there is no single Redis here")
  return site.redis
}

export function watchProbes(members: readonly Member[]) {
  const ready = new Map<string, number>()
  let dead = 0
  let isOpen = true
  const ask = (member: Member, probe: string) =>
    fetch(`http://127.0.0.1:${member.env.PORT}${probe}`, { signal: AbortSignal.timeout(10_000) }).then(
      async (answer) => {
        await answer.arrayBuffer()
        return answer.status
      },
      () => 0,
    )
  const watching = members.flatMap((member) => [
    (async () => {
      for (; isOpen; await sleep(POLL_MS)) ready.set(member.name, await ask(member, "/readyz"))
    })(),
    (async () => {
      for (; isOpen; await sleep(POLL_MS)) if ((await ask(member, "/livez")) !== 200) dead++
    })(),
  ])
  return {
    last: (name: string) => ready.get(name),
    /** How long until all say so, in ms. */
    async until(status: number): Promise<number> {
      const from = performance.now()
      while (members.some(({ name }) => ready.get(name) !== status)) {
        if (performance.now() - from > LIMIT_MS) throw new Error(`not all /readyz said ${status} in time`)
        await sleep(POLL_MS / 2)
      }
      return performance.now() - from
    },
    async stop() {
      isOpen = false
      await Promise.all(watching)
      return dead
    },
  }
}
