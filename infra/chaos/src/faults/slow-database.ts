import { setTimeout as sleep } from "node:timers/promises"
import pg from "pg"
import { type Fault, must, took } from "./fault.js"

const DELAY_MS = 300
const SLOW_MS = 5_000
const LOCKED_MS = 8_000
const READ_MS = 200
const FELT_MS = 2_000
const INBOX = { op: "read beside the lock", path: "/v1/notifications", expect: [200] }
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
    const reads: boolean[] = []
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
        const token = stage.load.people[0]?.accessToken
        await whileLocked(stage.site.databaseUrl(), async () => {
          for (const end = Date.now() + LOCKED_MS; Date.now() < end; await sleep(READ_MS)) {
            const { verdict } = await stage.client.call({ ...INBOX, token })
            reads.push(verdict === "good")
          }
        })
      })
      returns.push(await stage.untilGood("refresh"))
    }
    const longest = Math.max(...stage.client.samples.slice(seen).map(({ ms }) => ms))
    return [
      must(
        `${reads.filter(Boolean).length} of ${reads.length} reads of an inbox answered while auth.accounts was locked`,
        reads.every(Boolean),
      ),
      took("longest request", [longest], BOUND_MS),
      took("first refresh after", returns, FELT_MS),
    ]
  },
}

async function whileLocked(url: string, work: () => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query("begin")
    await client.query("lock table auth.accounts in access exclusive mode")
    await work()
    await client.query("commit")
  } finally {
    await client.end()
  }
}
