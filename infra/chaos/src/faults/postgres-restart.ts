import { setTimeout as sleep } from "node:timers/promises"
import { type Fault, must, took } from "./fault.js"

const AWAY_MS = 3_000
const FELT_MS = 2_000

export const postgresRestart: Fault = {
  id: "R3",
  promise: "A restart of PostgreSQL costs nothing but 503 with Retry-After while it is away",
  fault: "by turns `pg_ctl restart -m fast`, and `stop -m immediate`, 3 s of nothing, `start`",
  expected:
    "503 alone, until 2 s after; no process ends; the first good answer within 2 s; no valid session is told 401",
  async inject(stage, rounds) {
    const returns: number[] = []
    const before = exitsOf(stage.members())
    for (let round = 0; round < rounds; round++) {
      for (const mode of ["fast", "immediate"] as const) {
        await sleep(stage.random.next() * 1_000)
        await stage.during(["unavailable"], FELT_MS, async () => {
          stage.log(`PostgreSQL stops: ${mode}`)
          await stage.site.stopPostgres(mode)
          if (mode === "immediate") await sleep(AWAY_MS)
          await stage.site.startPostgres()
        })
        returns.push(await stage.untilGood("refresh"))
        await sleep(FELT_MS)
      }
    }
    const ended = exitsOf(stage.members()) - before
    return [
      must(`${returns.length} restarts, ${ended} processes ended`, ended === 0),
      took("first refresh after", returns, FELT_MS),
    ]
  },
}

const exitsOf = (members: readonly { exits: readonly unknown[] }[]) =>
  members.reduce((sum, { exits }) => sum + exits.length, 0)
