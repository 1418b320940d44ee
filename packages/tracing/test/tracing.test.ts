import assert from "node:assert/strict"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { createLogger, Secret } from "@gatepost/runtime"
import { until } from "@gatepost/testkit"
import { currentTraceparent, startTracing, traced, tracer } from "#src/index.js"

const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

describe("tracing", function () {
  this.timeout(20_000)
  let bodies: string[]
  let answers: (() => void)[]
  let silent: boolean
  let logged: string[]
  let endpoint: string
  const server = createServer((req, res) => {
    void text(req).then((body) => {
      bodies.push(body)
      const answer = () => void res.setHeader("Content-Type", "application/json").end("{}")
      if (silent) answers.push(answer)
      else answer()
    })
  })
  before(async () => {
    server.listen(0, "127.0.0.1")
    await until("it listens", () => server.listening)
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  beforeEach(() => {
    bodies = []
    answers = []
    logged = []
    silent = false
  })

  const logger = createLogger("test", "warn", { write: (line) => void logged.push(line) })
  const start = (ratio = 1, url = endpoint) =>
    startTracing(
      "test",
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
        OTEL_EXPORTER_OTLP_HEADERS: new Secret("a=b%20c"),
        OTEL_TRACES_SAMPLER_ARG: ratio,
      },
      logger,
    )
  const request = (parent?: string) => ({ name: "GET /a", kind: "server", parent }) as const

  it("is off by itself: no tracer, no traceparent, and work gets no span", async () => {
    const { stop } = await startTracing("test", { OTEL_TRACES_SAMPLER_ARG: 1 }, logger)
    const seen = await traced(request(PARENT), async (span) => [span, tracer(), currentTraceparent()])
    await stop()
    assert.deepEqual(seen, [undefined, undefined, undefined])
  })

  it("carries a trace through whatever is awaited, and ends with the process's stop", async () => {
    const { stop } = await start()
    const inner = await traced(request(PARENT), async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      return currentTraceparent()
    })
    assert.match(inner ?? "", /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/)
    await stop()
    assert.deepEqual([tracer(), bodies.length], [undefined, 1])
  })

  // checks 106, 119
  it("lets no attribute out that is not on its list, no message of an error, no event", async () => {
    const { stop } = await start()
    const failing = traced(
      {
        ...request(),
        attributes: { "http.route": "/a", "user.email": "jane@people.example", "url.path": "/t/secret" },
      },
      async () => {
        throw Object.assign(new Error("550 jane@people.example unknown"), { code: "EENVELOPE" })
      },
    )
    await assert.rejects(failing)
    await stop()
    const sent = bodies.join()
    for (const kept of ["/a", "error.type", "EENVELOPE"]) assert.ok(sent.includes(kept), kept)
    for (const secret of ["jane", "secret", "unknown", "exception"]) assert.ok(!sent.includes(secret), secret)
  })

  it("keeps its share, whatever a stranger's flag says, and nothing that no request began", async () => {
    const none = await start(0)
    await traced(request(PARENT), async () => assert.equal(currentTraceparent(), undefined))
    await none.stop()
    const all = await start(1)
    const unwanted = await traced(request(PARENT.replace(/01$/, "00")), async () => currentTraceparent())
    assert.match(unwanted ?? "", /^00-0af7651916cd43dd8448eb211c80319c-.*-01$/)
    await traced({ name: "poll", kind: "internal" }, async () =>
      assert.equal(currentTraceparent(), undefined),
    )
    for (const parent of [
      "nonsense",
      `${PARENT}-x`.repeat(50),
      "00-00000000000000000000000000000000-0000000000000000-01",
    ])
      await traced(request(parent), async () => assert.match(currentTraceparent() ?? "", /^00-[0-9a-f]{32}-/))
    await all.stop()
    assert.ok(!bodies.join().includes("poll"))
  })

  it("waits for no collector: one that is silent holds up a stop for two seconds, one that is away is told of once", async () => {
    silent = true
    const held = await start()
    await traced(request(), async () => {})
    const started = Date.now()
    await held.stop()
    assert.ok(Date.now() - started < 8_000)
    for (const answer of answers) answer()

    const away = await start(1, "http://127.0.0.1:1")
    for (let count = 0; count < 3; count++) await traced(request(), async () => {})
    await until("a warning", () => logged.length > 0, 15_000)
    await away.stop()
    assert.equal(logged.length, 1, logged.join())
    assert.match(logged[0] ?? "", /traces were not delivered/)
  })
})
