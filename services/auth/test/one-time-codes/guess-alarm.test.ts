import assert from "node:assert/strict"
import { openDatabase } from "@gatepost/postgres"
import { createLogger } from "@gatepost/runtime"
import { freePort } from "@gatepost/testkit"
import { createGuessAlarm } from "#src/modules/one-time-codes/index.js"
import { register } from "../support/people.js"
import { type Bundle, setup } from "../support/setup.js"

// SECURITY.md section 2: "alarm at 1 % of codes wrong x5"
describe("codes that are guessed at over many accounts", () => {
  let auth: Bundle
  let metricsUrl: string
  before(async () => {
    const port = await freePort()
    metricsUrl = `http://127.0.0.1:${port}/metrics`
    auth = await setup()
    await auth.child({ METRICS_PORT: String(port) })
  })
  after(() => auth.stop())

  it("are a metric and an error in the log once one in a hundred, and ten, died of it", async () => {
    for (let index = 0; index < 12; index++) await register(auth)
    const lines: string[] = []
    const logger = createLogger("tests", "info", { write: (line: string) => void lines.push(line) })
    const database = openDatabase({
      url: auth.db.urlOf("gatepost_auth"),
      applicationName: "tests",
      poolSize: 1,
    })
    const look = createGuessAlarm({ database, metrics: { gauge: () => {} }, logger })
    const exhaust = (count: number) =>
      auth.db.query(
        "update auth.one_time_codes set tries = 5, consumed_at = now() where id in (select id from auth.one_time_codes order by id limit ?)",
        [count],
      )
    try {
      await exhaust(9)
      await look()
      assert.deepEqual(lines, [])
      await exhaust(10)
      await look()
      const [line] = lines.map((text) => JSON.parse(text))
      assert.deepEqual([line.made, line.exhausted, line.level], [12, 10, 50])
      const text = await (await fetch(metricsUrl)).text()
      assert.match(text, /^one_time_codes_last_hour[{].*fate="exhausted".*[}] 10$/m)
      assert.match(text, /^one_time_codes_last_hour[{].*fate="made".*[}] 12$/m)
      await auth.db.elapse(3_700)
      await look()
      assert.equal(lines.length, 1)
    } finally {
      await database.close()
    }
  })
})
