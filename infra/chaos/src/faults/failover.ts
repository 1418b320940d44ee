import { setTimeout as sleep } from "node:timers/promises"
import type { ReplicatedPostgres } from "@gatepost/fleet"
import { type Fault, must, took } from "./fault.js"

const BLACK_HOLE_MS = 8_000
const FELT_MS = 2_000
const PROMISED_MS = 10_000
const FIRST_TIMELINE = 1

export const failover: Fault = {
  id: "R4",
  promise: "A failover of PostgreSQL to a synchronous standby loses nothing",
  fault:
    "SIGKILL to the primary's postmaster, `pg_promote()` on the standby, the address points there; then a primary that takes connections and says nothing for 8 s",
  expected:
    "nothing acknowledged lost; writes within 10 s of the promotion; 503, never a hang or a false success",
  needs: { topology: ["standby"] },
  async inject(stage, rounds) {
    const replicated = stage.site.replicated
    if (!replicated) throw new Error("there is no standby here")
    const returns: number[] = []
    const awakes: number[] = []
    for (let round = 0; round < rounds; round++) {
      await sleep(stage.random.next() * 1_000)
      await stage.during(["unavailable"], FELT_MS, async () => {
        stage.log("SIGKILL to the primary")
        await replicated.killPrimary()
        await replicated.promote()
        returns.push(await stage.untilGood("refresh"))
      })
      stage.log("the former primary becomes a standby")
      await replicated.rejoin()
      await stage.during(["unavailable"], FELT_MS, async () => {
        awakes.push(await blackHole(replicated, () => stage.untilGood("refresh")))
      })
    }
    const [wal] = await stage.site.query<{ timeline: number }>(
      "select ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer as timeline",
    )
    return [
      must(
        `${rounds} failovers and black holes, on timeline ${wal?.timeline}`,
        wal?.timeline === FIRST_TIMELINE + rounds,
      ),
      took("first refresh after the promotion", returns, PROMISED_MS),
      took("first refresh after the black hole", awakes),
    ]
  },
}

async function blackHole({ proxy }: ReplicatedPostgres, untilGood: () => Promise<number>): Promise<number> {
  proxy.swallow()
  await sleep(BLACK_HOLE_MS)
  proxy.reset()
  return untilGood()
}
