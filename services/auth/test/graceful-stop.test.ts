import assert from "node:assert/strict"
import { Agent, type IncomingMessage, request } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import { type TestDatabase, testDatabase } from "@gatepost/testkit"
import { startChild } from "./support/child.js"
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
    let stopping = false
    // Each client goes on until it is told that its connection ends, as a proxy does.
    const client = async (pauseMs: number) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      let answers = 0
      for (;;) {
        const answer = await call(`${url}/v1/auth/me`, { agent })
        assert.equal(answer.statusCode, 401)
        answers++
        if (answer.headers.connection === "close") break
        await sleep(pauseMs)
      }
      assert.ok(stopping)
      agent.destroy()
      return answers
    }
    const clients = [0, 0, 1, 5, 20, 100, 400].map(client)
    await sleep(300)
    stopping = true
    child.kill("SIGTERM")
    await sleep(50)
    const readiness = await call(`${url}/readyz`)
    assert.equal(readiness.statusCode, 503)
    child.kill("SIGTERM")

    const answers = await Promise.all(clients)
    assert.ok(answers.every((count) => count > 1))
    assert.equal(await exited, 0)
  })

  it("finishes what is under way", async () => {
    const heavy = { ARGON2_MEMORY_KIB: "262144", ARGON2_PASSES: "4", SHUTDOWN_DRAIN_SECONDS: "0" }
    const { url, child, exited } = await start(heavy)
    const body = JSON.stringify({ email: "slow@example.com", password: PASSWORD })
    const registering = call(`${url}/v1/auth/register`, { method: "POST", body })
    await sleep(100)
    child.kill("SIGTERM")

    assert.equal((await registering).statusCode, 201)
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
