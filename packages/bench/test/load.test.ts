import assert from "node:assert/strict"
import { once } from "node:events"
import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { readAnswer } from "#src/load/answer.js"
import { createLoop } from "#src/load/loop.js"
import type { Workload } from "#src/load/workload.js"

describe("the load generator", () => {
  let server: Server | undefined
  afterEach(() => {
    server?.closeAllConnections()
    server?.close()
  })

  it("reads an answer however it is cut, by length or in chunks", () => {
    const answers = [
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Other: 1\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
    ]
    for (const text of answers) {
      const bytes = Buffer.from(text)
      for (let cut = 1; cut < bytes.length; cut++) assert.equal(readAnswer(bytes.subarray(0, cut)), undefined)
      const answer = readAnswer(bytes)
      assert.equal(answer?.status, 200)
      assert.equal(answer?.body.toString(), "hello")
    }
  })

  it("sends each token of a chain once, and goes on with it in the next run", async () => {
    const current = new Set(["a0", "b0", "c0"])
    const url = await serve(async (req, res) => {
      const { token } = JSON.parse(Buffer.concat(await req.toArray()).toString())
      const known = current.delete(token)
      const successor = `${token[0]}${Number(token.slice(1)) + 1}`
      if (known) current.add(successor)
      res.writeHead(known ? 200 : 401).end(JSON.stringify({ data: { token: successor } }))
    })
    const loop = createLoop({
      ...{ url, method: "POST", expect: 200, connections: 3, body: '{"token":"{token}"}' },
      tokens: { kind: "chain", values: [...current], member: "data.token" },
    })
    const first = await loop.run(0.1)
    const second = await loop.run(0.1)
    const steps = [...current].reduce((sum, token) => sum + Number(token.slice(1)), 0)
    assert.equal(steps, first.count + second.count)
  })

  it("goes through many chains in turn, each connection through its own", async () => {
    const current = new Set(["a0", "b0", "c0", "d0", "e0"])
    const url = await serve(async (req, res) => {
      const { token } = JSON.parse(Buffer.concat(await req.toArray()).toString())
      const known = current.delete(token)
      const successor = `${token[0]}${Number(token.slice(1)) + 1}`
      if (known) current.add(successor)
      res.writeHead(known ? 200 : 401).end(JSON.stringify({ token: successor }))
    })
    const loop = createLoop({
      ...{ url, method: "POST", expect: 200, connections: 2, body: '{"token":"{token}"}' },
      tokens: { kind: "chain", values: [...current], member: "token" },
    })
    let count = 0
    while (count < 20) count += (await loop.run(0.1)).count
    const steps = [...current].map((token) => Number(token.slice(1)))
    assert.equal(
      steps.reduce((sum, step) => sum + step, 0),
      count,
    )
    assert.ok(Math.min(...steps) > 0)
  })

  it("sends the tokens of a circle in turn, in the header that asks for them", async () => {
    const seen: (string | undefined)[] = []
    const url = await serve((req, res) => {
      seen.push(req.headers.authorization)
      res.end("{}")
    })
    const loop = createLoop({
      ...{ url, method: "GET", expect: 200, connections: 1, headers: { Authorization: "Bearer {token}" } },
      tokens: { kind: "cycle", values: ["x", "y", "z"] },
    })
    while (seen.length < 4) await loop.run(0.1)
    assert.deepEqual(seen.slice(0, 4), ["Bearer x", "Bearer y", "Bearer z", "Bearer x"])
  })

  it("fails the run when an answer is not the expected one", async () => {
    const url = await serve((_req, res) => void res.writeHead(503).end("busy"))
    const workload: Workload = { url, method: "GET", expect: 200, connections: 2 }
    await assert.rejects(createLoop(workload).run(1), /GET \/ answered 503: busy/)
  })

  it("fails the run when a 200 does not hold what it should", async () => {
    const url = await serve((_req, res) => void res.end("null"))
    const workload: Workload = { url, method: "GET", expect: 200, contains: "someone@", connections: 1 }
    await assert.rejects(createLoop(workload).run(1), /answered 200: null/)
  })

  it("keeps a fixed rate; what waits for a connection has begun to wait", async () => {
    const url = await serve((_req, res) => void setTimeout(() => res.end("{}"), 40))
    const workload: Workload = { url, method: "GET", expect: 200, connections: 1, perSecond: 50 }
    const late = await createLoop(workload).run(0.4)
    assert.equal(late.count, 20)
    // One connection needs 40 ms for each, and the last of twenty was due after 380 ms.
    assert.ok((late.p99Ms ?? 0) >= 300, `${late.p99Ms} ms`)

    const inTime = await createLoop({ ...workload, connections: 8 }).run(0.4)
    assert.equal(inTime.count, 20)
    assert.ok((inTime.p50Ms ?? 0) >= 39 && inTime.seconds >= 0.4, `${inTime.p50Ms} ms`)
  })

  it("comes again after a 503 when it is told to, and counts only what succeeded", async () => {
    const asked: number[] = []
    const url = await serve((_req, res) => {
      asked.push(performance.now())
      if (asked.length === 1) res.writeHead(503, { "Retry-After": "1" })
      setTimeout(() => res.end("{}"), 20)
    })
    const workload: Workload = { url, method: "GET", expect: 200, connections: 1, waitsWhenBusy: true }
    const { count } = await createLoop(workload).run(2)
    const [first = 0, second = 0] = asked
    assert.ok(second - first >= 990, `${second - first} ms`)
    assert.equal(count, asked.length - 1)
    await assert.rejects(async () => {
      asked.length = 0
      await createLoop({ ...workload, waitsWhenBusy: false }).run(0.1)
    }, /answered 503/)
  })

  it("sends a form when the headers say so", async () => {
    const types: (string | undefined)[] = []
    const url = await serve((req, res) => {
      types.push(req.headers["content-type"])
      req.resume().once("end", () => res.end("{}"))
    })
    const headers = { "Content-Type": "application/x-www-form-urlencoded" }
    const workload: Workload = { url, method: "POST", headers, body: "a=b", expect: 200, connections: 1 }
    await createLoop(workload).run(0.1)
    assert.deepEqual([...new Set(types)], ["application/x-www-form-urlencoded"])
  })

  async function serve(listener: RequestListener): Promise<string> {
    server = createServer(listener).listen(0, "127.0.0.1")
    await once(server, "listening")
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }
})
