import assert from "node:assert/strict"
import { once } from "node:events"
import { Agent, type IncomingMessage, request } from "node:http"
import { createServer } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { launch } from "./support/child.js"
import { untilWaiting, withLockedBatteries } from "./support/locks.js"
import { type Bundle, person, settings, setup, walk } from "./support/setup.js"

const CANARY = "canary7Zq2wX9kLmT4"

describe("the service as a process", () => {
  // Its database and key server; the process under test is another one.
  let beside: Bundle

  before(async () => {
    beside = await setup()
  })
  after(() => beside.stop())

  const start = (env: Record<string, string> = {}) =>
    launch({ ...settings(beside.db, beside.keyServer.url), LOG_LEVEL: "info", ...env })

  async function call(
    url: string,
    { body, ...options }: { agent?: Agent; token?: string; body?: object } = {},
  ): Promise<IncomingMessage> {
    const headers = {
      ...(options.token && { Authorization: `Bearer ${options.token}` }),
      ...(body && { "Content-Type": "application/json" }),
    }
    const sent = request(url, { ...options, method: body ? "POST" : "GET", headers })
    sent.end(body && JSON.stringify(body))
    const [answer] = (await once(sent, "response")) as [IncomingMessage]
    await once(answer.resume(), "end")
    return answer
  }

  // R1, M13
  it("fails no request of clients that keep their connections while it drains, and ends with 0", async () => {
    const { url, child, exited } = start({ SHUTDOWN_DRAIN_SECONDS: "1" })
    const base = await url
    const counts = [0, 5, 100, 400].map((pauseMs) => ({ pauseMs, count: 0 }))
    // Each client goes on until it is told that its connection ends, as a proxy does.
    const clients = counts.map(async (client) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      for (;;) {
        const answer = await call(`${base}/social-battery/x`, { agent })
        assert.equal(answer.statusCode, 401)
        client.count++
        if (answer.headers.connection === "close") break
        await sleep(client.pauseMs)
      }
      agent.destroy()
    })
    while (counts.some(({ count }) => count === 0)) await sleep(10)
    assert.equal((await call(`${base}/readyz`)).statusCode, 200)
    child.kill("SIGTERM")
    while ((await call(`${base}/readyz`)).statusCode === 200) await sleep(10)
    child.kill("SIGTERM")
    await Promise.all(clients)
    assert.equal(await exited, 0)
  })

  it("finishes what is under way", async () => {
    const { url, child, exited } = start()
    const base = await url
    const kim = await person(beside)
    const recording = await withLockedBatteries(beside.db, async (release) => {
      const answer = call(`${base}/social-battery/${kim.id}/record`, { token: kim.token, body: walk(-7) })
      await untilWaiting(beside.db)
      child.kill("SIGTERM")
      await sleep(200)
      assert.equal(child.exitCode, null)
      await release()
      return { answer }
    })
    assert.equal((await recording.answer).statusCode, 201)
    assert.equal(await exited, 0)
    assert.equal((await kim.read()).body.level, 43)
  })

  it("leaves Ctrl-C to its supervisor, and ends when that is gone", async () => {
    const { url, child } = start()
    const base = await url
    child.kill("SIGINT")
    assert.equal((await call(`${base}/livez`)).statusCode, 200)
    child.disconnect()
    const [code] = await once(child, "exit")
    assert.equal(code, 0)
  })

  it("has probes and metrics on a port of their own, and no metrics on the public one", async () => {
    const server = createServer().listen(0, "127.0.0.1")
    await once(server, "listening")
    const { port } = server.address() as { port: number }
    await new Promise((resolve) => server.close(resolve))
    const { url, child, exited } = start({ METRICS_PORT: String(port) })
    await call(`${await url}/social-battery/x`)
    assert.equal((await call(`${await url}/metrics`)).statusCode, 404)
    assert.equal((await call(`http://127.0.0.1:${port}/livez`)).statusCode, 200)
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    assert.match(text, /http_request_duration_seconds_count\{.*route="\/social-battery\/:user_id".*\} 1\n/)
    child.kill("SIGTERM")
    assert.equal(await exited, 0)
  })

  it("names what is wrong with its settings in one line each, and exits with 1", async () => {
    const { exited, output } = start({ DATABASE_URL: "", PORT: "x" })
    assert.equal(await exited, 1)
    assert.deepEqual(output().trim().split("\n").sort(), [
      "DATABASE_URL is needed",
      "PORT must be a whole number",
    ])
  })

  it("names the setting of a port that is taken", async () => {
    const { port } = new URL(beside.url)
    const { exited, output } = start({ PORT: port })
    assert.equal(await exited, 1)
    assert.equal(output().trim().split("\n").at(-1), `PORT ${port} is in use by another program`)
  })

  // check 119
  it("logs a request by its route, and nothing of what it held", async () => {
    const { url, child, exited, output } = start({ LOG_LEVEL: "debug" })
    const kim = await person(beside)
    const base = `${await url}/social-battery`
    const bodies = [
      { interaction_type: CANARY, energy_change: CANARY },
      { ...walk(1), note: CANARY },
    ]
    for (const body of bodies) await call(`${base}/${kim.id}/record?x=${CANARY}`, { token: kim.token, body })
    await call(`${base}/${CANARY}`, { token: `${CANARY}.${CANARY}.${CANARY}` })
    child.kill("SIGTERM")
    assert.equal(await exited, 0)
    const lines = output().trim().split("\n")
    const statuses = lines.map((line) => JSON.parse(line)).flatMap(({ status = [] }) => status)
    assert.deepEqual(statuses.sort(), [201, 400, 401])
    for (const secret of [CANARY, kim.token, kim.id, "a-test-password"]) assert.ok(!output().includes(secret))
  })
})
