import assert from "node:assert/strict"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { type Check, createHealth, createMetrics, listen, listenForOperators } from "@gatepost/http"
import { ConfigError } from "@gatepost/runtime"
import express from "express"
import supertest from "supertest"

async function serve(required: Record<string, Check>, helpful: Record<string, Check> = {}) {
  const health = createHealth({ service: "tests", version: "1.2.3", required, helpful })
  const server = express().use(health.router).listen(0, "127.0.0.1")
  await once(server, "listening")
  const http = supertest(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return { health, http, stop: () => void server.close() }
}

// R2
describe("health", () => {
  it("is ready when every part works, and tells which does not", async () => {
    let works = true
    const database = async () => {
      if (!works) throw new Error("postgres://user:canary@host is away")
    }
    const { http, stop } = await serve({ database, keys: async () => {} })
    await http.get("/readyz").expect(200, { status: "ready", checks: { database: "ok", keys: "ok" } })

    works = false
    await new Promise((resolve) => setTimeout(resolve, 1_050))
    const failing = { database: "failing", keys: "ok" }
    const answer = await http.get("/readyz").expect(503, { status: "not ready", checks: failing })
    assert.equal(answer.headers["cache-control"], "no-store")
    await http.get("/livez").expect(200, { status: "ok" })
    const { body } = await http.get("/health").expect(200)
    const { uptime_seconds, ...told } = body
    assert.deepEqual(told, { status: "degraded", service: "tests", version: "1.2.3", checks: failing })
    assert.ok(Number.isInteger(uptime_seconds))
    stop()
  })

  it("stays ready without a part that only helps, and tells that it is degraded", async () => {
    const away = () => Promise.reject(new Error("no Redis"))
    const { health, http, stop } = await serve({ database: async () => {} }, { redis: away })
    const checks = { database: "ok", redis: "failing" }
    await http.get("/readyz").expect(200, { status: "ready", checks: { ...checks } })
    const { body } = await http.get("/health").expect(200)
    assert.deepEqual([body.status, body.checks], ["degraded", checks])
    assert.equal((await health.report()).status, "degraded")
    stop()
  })

  // check 114
  it("looks once, however many ask, and waits for no part that hangs", async () => {
    let looks = 0
    const { http, stop } = await serve({
      slow: async () => {
        looks++
      },
      hanging: () => new Promise(() => {}),
    })
    const answers = await Promise.all(Array.from({ length: 50 }, async () => await http.get("/readyz")))
    for (const { body } of answers) assert.deepEqual(body.checks, { slow: "ok", hanging: "failing" })
    assert.equal(looks, 1)
    stop()
  })

  it("says so at once when it is told to drain", async () => {
    const { health, http, stop } = await serve({})
    health.drain()
    await http.get("/readyz").expect(503, { status: "draining", checks: {} })
    await http.get("/livez").expect(200)
    stop()
  })
})

describe("listening", () => {
  it("names the setting when its port is taken", async () => {
    const options = { app: () => {}, host: "127.0.0.1", setting: "PORT" }
    const first = await listen({ ...options, port: 0 })
    await assert.rejects(listen({ ...options, port: first.port }), (error) => {
      assert.ok(error instanceof ConfigError)
      assert.equal(error.message, `PORT ${first.port} is in use by another program`)
      return true
    })
    await first.stop()
  })

  // check 9
  it("shows metrics on the operators' port, with the probes", async () => {
    const health = createHealth({ service: "tests", version: "1", required: {} })
    const operators = await listenForOperators({
      port: 0,
      host: "127.0.0.1",
      health,
      metrics: createMetrics("tests"),
    })
    const http = supertest(`http://127.0.0.1:${operators.port}`)
    const { text } = await http.get("/metrics").expect(200)
    assert.match(text, /process_cpu_seconds_total\{service="tests"\}/)
    await http.get("/readyz").expect(200)
    await http.get("/v1/auth/me").expect(404)
    await operators.stop()
  })
})
