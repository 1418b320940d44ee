import { setTimeout as sleep } from "node:timers/promises"
import pg from "pg"
import type { Stage } from "../stage.js"
import { type Fault, must, took } from "./fault.js"

const HELD_MS = 5_000
const FELT_MS = 2_000
const LEFT = 2

export const connections: Fault = {
  id: "R17",
  promise: "Without a free connection to PostgreSQL the excess is told to come again, and the rest is served",
  fault:
    "others take every connection that `max_connections` leaves but two, for 5 s, at four times the requests",
  expected: "503 for the excess alone; no deadlock; /readyz does not flap; as before afterwards",
  perSecond: 60,
  async inject(stage, rounds) {
    const returns: number[] = []
    let taken = 0
    let served = 0
    for (let round = 0; round < rounds; round++) {
      await stage.during(["unavailable"], FELT_MS, async () => {
        const seen = stage.client.samples.length
        const others = await takeAll(stage.site)
        taken = others.length
        stage.log(`${taken} connections are taken`)
        await sleep(HELD_MS)
        served += stage.client.samples.slice(seen).filter(({ verdict }) => verdict === "good").length
        await Promise.all(others.map((client) => client.end()))
      })
      returns.push(await stage.untilGood("refresh"))
    }
    return [
      must(`${taken} connections taken, ${served} requests served meanwhile`, served > 0),
      took("first refresh after", returns, FELT_MS),
    ]
  },
}

/** All but those that are left to the services. */
async function takeAll(site: Stage["site"]): Promise<pg.Client[]> {
  // A superuser gets these as well, and the services don't.
  const [reserved] = await site.query<{ count: number }>(
    "select current_setting('superuser_reserved_connections')::integer as count",
  )
  const clients: pg.Client[] = []
  const connect = async () => {
    const client = new pg.Client({ connectionString: site.databaseUrl() })
    client.on("error", () => {})
    await client.connect()
    clients.push(client)
  }
  try {
    for (;;) await connect()
  } catch {
    for (const client of clients.splice(0, LEFT + (reserved?.count ?? 0))) await client.end()
    return clients
  }
}
