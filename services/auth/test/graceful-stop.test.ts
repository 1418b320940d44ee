import assert from "node:assert/strict"
import { Agent, type IncomingMessage, request } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import { type TestDatabase, testDatabase } from "@gatepost/testkit"
import { startChild } from "./support/child.js"
import { untilWaiting, withLockedTable } from "./support/locks.js"
import { PASSWORD } from "./support/people.js"
import { settings } from "./support/setup.js"

// R1, M13
describe("a graceful stop", () => {
  let db: TestDatabase

  before(async () => {
    db = await testDatabase()
  })
  after(() => db.drop())

  const start = (env: Record<string, string> = {}) =>
    startChild({ ...settings(db), LOG_LEVEL: "info", SHUTDOWN_DRAIN_SECONDS: "1", ...env })

  it("fails no request of clients that keep their connections, and ends with 0", async () => {
    const { url, child, exited } = await start()
    const answers = [0, 0, 1, 5, 20, 100, 400].map((pauseMs) => ({ pauseMs, count: 0 }))
    // Each client goes on until it is told that its connection ends, as a proxy does.
    const clients = answers.map(async (client) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      for (;;) {
        const answer = await call(`${url}/v1/auth/me`, { agent })
        assert.equal(answer.statusCode, 401)
        client.count++
        if (answer.headers.connection === "close") break
        await sleep(client.pauseMs)
      }
      agent.destroy()
    })
    while (answers.some(({ count }) => count === 0)) await sleep(10)
    assert.equal((await call(`${url}/readyz`)).statusCode, 200)
    child.kill("SIGTERM")
    while ((await call(`${url}/readyz`)).statusCode === 200) await sleep(10)
    child.kill("SIGTERM")

    await Promise.all(clients)
    assert.equal(await exited, 0)
  })

  it("finishes what is under way", async () => {
    const { url, child, exited } = await start({ SHUTDOWN_DRAIN_SECONDS: "0" })
    const body = JSON.stringify({ email: "slow@example.com", password: PASSWORD })
    const registering = await withLockedTable(db, "auth.accounts", async (release) => {
      const answer = call(`${url}/v1/auth/register`, { method: "POST", body })
      await untilWaiting(db, 1)
      child.kill("SIGTERM")
      await sleep(200)
      assert.equal(child.exitCode, null)
      release()
      return { answer }
    })

    assert.equal((await registering.answer).statusCode, 201)
    assert.equal(await exited, 0)
    const rows = await db.query("select 1 from auth.accounts where email = 'slow@example.com'")
    assert.equal(rows.length, 1)
  })

  it("comes of Ctrl-C as well, where no supervisor takes it", async () => {
    const { child, exited } = await start({ SHUTDOWN_DRAIN_SECONDS: "0" })
    child.kill("SIGINT")
    assert.equal(await exited, 0)
  })
})

function call(
  url: string,
  { body, ...options }: { agent?: Agent; method?: string; body?: string } = {},
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = body ? { "Content-Type": "application/json" } : {}
    const sent = request(url, { ...options, headers }, (answer) => {
      answer.resume().on("end", () => resolve(answer))
    })
    sent.on("error", reject).end(body)
  })
}
