import { setTimeout as sleep } from "node:timers/promises"
import type { Stage } from "../stage.js"
import { type Fault, must, took } from "./fault.js"

const HELD_MS = 5_000
const FELT_MS = 2_000
const LEFT = 2
const SERVICES = ["gatepost_auth", "gatepost_notifications", "gatepost_mail"]

export const connections: Fault = {
  id: "R17",
  promise: "Without a free connection to PostgreSQL the excess is told to come again, and the rest is served",
  fault:
    "every connection of the services is ended, and PostgreSQL gives each service two for all its processes, for 5 s, at four times the requests",
  expected: "503 for the excess alone; no deadlock; as before afterwards",
  perSecond: 60,
  async inject(stage, rounds) {
    const returns: number[] = []
    let served = 0
    let shed = 0
    for (let round = 0; round < rounds; round++) {
      await stage.during(["unavailable"], FELT_MS, async () => {
        stage.log(`each service is left ${LEFT} connections`)
        try {
          await limitConnections(stage, LEFT)
          const from = performance.now()
          await sleep(HELD_MS)
          const meanwhile = stage.client.samples.filter(({ startedAt }) => startedAt > from)
          served += meanwhile.filter(({ verdict }) => verdict === "good").length
          shed += meanwhile.filter(({ verdict }) => verdict === "unavailable").length
        } finally {
          await limitConnections(stage, -1)
        }
      })
      returns.push(await stage.untilGood("refresh"))
    }
    return [
      must(`${served} requests served meanwhile, ${shed} told to come again`, served > 0 && shed > 0),
      took("first refresh after", returns, FELT_MS),
    ]
  },
}

/** @param count -1 for as many as there are */
async function limitConnections({ site }: Stage, count: number): Promise<void> {
  for (const role of SERVICES) await site.query(`alter role ${role} connection limit ${count}`)
  if (count >= 0)
    await site.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = any($1)", [
      SERVICES,
    ])
}
