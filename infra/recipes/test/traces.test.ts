import assert from "node:assert/strict"
import { smtpSink, testDatabase, testRedis, until } from "@gatepost/testkit"
import { type ReceivedSpan, startCollector } from "./support/collector.js"
import { startService } from "./support/processes.js"

const CALLERS_TRACE = "0af7651916cd43dd8448eb211c80319c"
const CALLERS_SPAN = "b7ad6b7169203331"
const PASSWORD = "correct horse battery staple"
const [SERVER, CLIENT, PRODUCER, CONSUMER] = [2, 3, 4, 5]

for (const backend of ["postgres", "redis"] as const) {
  describe(`a trace, with the queue on ${backend}`, () => {
    let all: ReceivedSpan[]
    let spans: ReceivedSpan[]
    let sent: string
    let headers: unknown
    let log: string
    const ends: (() => Promise<void>)[] = []

    before(async function () {
      // Two services start, by themselves.
      this.timeout(60_000)
      const redis = backend === "redis" ? { REDIS_URL: await testRedis(this) } : {}
      const [db, sink, collector] = await Promise.all([testDatabase(), smtpSink(), startCollector()])
      ends.push(db.drop, sink.close, collector.close)
      const env = {
        ...redis,
        PUBLIC_URL: "http://localhost:8000",
        SMTP_URL: sink.url,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20for-the-collector",
      }
      const [auth, worker] = await Promise.all([
        startService("auth", db, env),
        startService("mail-worker", db, env),
      ])
      ends.push(auth.stop, worker.stop)
      await fetch(`${auth.url}/readyz`)
      const answer = await fetch(`${auth.url}/v1/auth/register?hint=secret-query`, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          traceparent: `00-${CALLERS_TRACE}-${CALLERS_SPAN}-01`,
          tracestate: "stranger=was-here",
        },
        body: JSON.stringify({ email: "jane@people.example", password: PASSWORD, name: "Jane Doe" }),
      })
      const body = await answer.text()
      assert.equal(answer.status, 201, body)
      await sink.waitFor(() => true)
      await until("the span of the mail", () => collector.spans().some(({ name }) => name === "send mail"))
      // What waits is sent when a process ends.
      await Promise.all([auth.stop(), worker.stop()])
      all = collector.spans()
      spans = all.filter(({ traceId }) => traceId === CALLERS_TRACE)
      sent = collector
        .requests()
        .map(({ text }) => text)
        .join("\n")
      headers = collector.requests().map(({ path, headers }) => [path, headers.authorization])[0]
      log = auth.output()
      const { access_token = "none" } = JSON.parse(body) as { access_token?: string }
      assert.ok(!sent.includes(access_token))
    })
    after(async () => {
      for (const end of ends.reverse()) await end()
    })

    it("goes from the caller through the request, the relay and the queue to SMTP", () => {
      const request = only(spans, "POST /v1/auth/register")
      const relay = only(spans, "relay mail-otp")
      const job = only(spans, "process mail-otp")
      const smtp = only(spans, "send mail")
      assert.deepEqual(
        [request, relay, job, smtp].map(({ service, kind }) => [service, kind]),
        [
          ["auth", SERVER],
          ["mail-worker", PRODUCER],
          ["mail-worker", CONSUMER],
          ["mail-worker", CLIENT],
        ],
      )
      assert.deepEqual(
        [request, relay, job, smtp].map(({ parentSpanId }) => parentSpanId),
        [CALLERS_SPAN, request.spanId, relay.spanId, job.spanId],
      )
      assert.equal(smtp.attributes["gatepost.mail.outcome"], "accepted")
    })

    it("has the statements of PostgreSQL that the request waited for, by name alone", () => {
      const request = only(spans, "POST /v1/auth/register")
      const statements = spans.filter(
        ({ service, parentSpanId }) => service === "auth" && parentSpanId === request.spanId,
      )
      assert.ok(statements.some(({ name }) => name === "postgresql mail_enqueue"))
      for (const { name } of statements) assert.match(name, /^postgresql [a-z_-]+$/)
    })

    // checks 106, 119
    it("names nobody, and holds no token, password, address, query or SQL", () => {
      for (const secret of [
        "jane",
        "people.example",
        PASSWORD,
        "Jane Doe",
        "secret-query",
        "select ",
        "insert into",
      ])
        assert.ok(!sent.toLowerCase().includes(secret.toLowerCase()), secret)
      assert.ok(!sent.includes("was-here"))
    })

    it("is found from the log, and goes to the collector with its headers", () => {
      const line = log.split("\n").find((text) => text.includes('"route":"/v1/auth/register"')) ?? "{}"
      assert.equal((JSON.parse(line) as { trace_id?: string }).trace_id, CALLERS_TRACE)
      assert.deepEqual(headers, ["/v1/traces", "Bearer for-the-collector"])
    })

    it("is begun by requests alone: not by polls, probes or housekeeping", () => {
      for (const { name, traceId } of all) assert.equal(traceId, CALLERS_TRACE, name)
    })
  })
}

describe("a service that is not told to trace", () => {
  it("stores no traceparent, and loads nothing of OpenTelemetry", async function () {
    this.timeout(60_000)
    const db = await testDatabase()
    const env = {
      PUBLIC_URL: "http://localhost:8000",
      NODE_OPTIONS:
        "--import=data:text/javascript,process.on('exit',()=>console.log('loaded',Object.keys(process.getBuiltinModule('module')._cache).filter(f=>f.includes('opentelemetry/sdk')||f.includes('otlp')).length))",
    }
    const auth = await startService("auth", db, env)
    await fetch(`${auth.url}/v1/auth/register`, {
      method: "POST",
      headers: { "Content-Type": "application/json", traceparent: `00-${CALLERS_TRACE}-${CALLERS_SPAN}-01` },
      body: JSON.stringify({ email: "jane@people.example", password: PASSWORD, name: "Jane" }),
    })
    const rows = await db.query("select traceparent from mail.messages")
    await auth.stop()
    await db.drop()
    assert.deepEqual(rows, [{ traceparent: null }])
    assert.match(auth.output(), /^loaded 0$/m)
  })
})

function only(spans: ReceivedSpan[], wanted: string): ReceivedSpan {
  const found = spans.filter(({ name }) => name === wanted)
  assert.equal(
    found.length,
    1,
    `${wanted}: ${found.length} among ${spans.map(({ name }) => name).join(", ")}`,
  )
  return found[0] as ReceivedSpan
}
