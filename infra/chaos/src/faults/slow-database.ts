import { setTimeout as sleep } from "node:timers/promises"
import pg from "pg"
import { type Fault, must, took } from "./fault.js"

const DELAY_MS = 300
const SLOW_MS = 5_000
const LOCKED_MS = 8_000
const FELT_MS = 2_000
const BOUND_MS = 6_000

export const slowDatabase: Fault = {
  id: "R16",
  promise: "A slow database, or a table that is locked, hangs nobody",
  fault: "each answer of PostgreSQL 300 ms late for 5 s; then `lock table auth.accounts` for 8 s",
  expected:
    "503 rather than waiting, no request above 6 s; who needs not that table is served; as before within 2 s",
  needs: { postgresProxy: true },
  async inject(stage, rounds) {
    const returns: number[] = []
    const seen = stage.client.samples.length
    let unaffected = 0
    for (let round = 0; round < rounds; round++) {
      await stage.during(["unavailable"], FELT_MS, async () => {
        stage.log("PostgreSQL is slow")
        stage.postgres?.delay(DELAY_MS)
        await sleep(SLOW_MS)
        stage.postgres?.restore()
      })
      returns.push(await stage.untilGood("refresh"))
      await stage.during(["unavailable"], FELT_MS, async () => {
        stage.log("auth.accounts is locked")
        const locked = performance.now()
        await whileLocked(stage.site.databaseUrl(), LOCKED_MS)
        unaffected += stage.client.samples.filter(
          ({ op, verdict, startedAt }) => op === "read" && verdict === "good" && startedAt > locked,
        ).length
      })
      returns.push(await stage.untilGood("refresh"))
    }
    const longest = Math.max(...stage.client.samples.slice(seen).map(({ ms }) => ms))
    return [
      must(`${unaffected} reads of inboxes answered while auth.accounts was locked`, unaffected > 0),
      took("longest request", [longest], BOUND_MS),
      took("first refresh after", returns, FELT_MS),
    ]
  },
}

async function whileLocked(url: string, ms: number): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query("begin")
    await client.query("lock table auth.accounts in access exclusive mode")
    await sleep(ms)
    await client.query("commit")
  } finally {
    await client.end()
  }
}
