import assert from "node:assert/strict"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { type AddressInfo, connect } from "node:net"
import { text } from "node:stream/consumers"
import { type Gateway, openGateway } from "#src/gateway/gateway.js"
import { until } from "./support/until.js"

/** Answers with what arrived; paths ask for other behaviour. */
function answer(name: string): Server {
  return createServer(async (req: IncomingMessage, res: ServerResponse) => {
    if (req.url === "/stream")
      return void res.writeHead(200, { "Content-Type": "text/event-stream" }).write("one\n")
    if (req.url === "/breaks") return void res.write("half", () => res.destroy())
    const { method, url, headers } = req
    const body = await text(req)
    res.setHeader("Keep-Alive", "timeout=99")
    res.setHeader("Set-Cookie", ["a=1", "b=2"])
    res.end(JSON.stringify({ name, method, url, headers, body }))
  })
}

describe("the gateway", () => {
  const servers = { auth: answer("auth"), notifications: answer("notifications") }
  const portOf = (server: Server) => (server.address() as AddressInfo | null)?.port
  let gateway: Gateway

  before(async () => {
    for (const server of Object.values(servers)) server.listen(0, "127.0.0.1")
    await until(() => Object.values(servers).every((server) => server.listening))
    const paths = ["/v1/notifications", "/api/v1/notifications", "/notifications"]
    gateway = await openGateway({
      host: "localhost",
      port: 0,
      upstreams: [
        { name: "auth", paths: [], port: () => portOf(servers.auth) },
        { name: "notifications", paths, port: () => portOf(servers.notifications) },
        { name: "away", paths: ["/away"], port: () => undefined },
        { name: "dead", paths: ["/dead"], port: () => 1 },
      ],
    })
  })
  after(() => {
    gateway.close()
    for (const server of Object.values(servers)) server.close().closeAllConnections()
  })

  const ask = async (path: string, init?: RequestInit) => (await fetch(gateway.localUrl + path, init)).json()

  /** What a raw request is answered with, up to the end of the connection. */
  async function raw(request: string): Promise<string> {
    const socket = connect(gateway.port, "127.0.0.1")
    socket.write(request)
    return text(socket)
  }

  it("sends whole path segments to their service and the rest to auth", async () => {
    const expected = {
      "/v1/notifications": "notifications",
      "/v1/notifications?unread=1": "notifications",
      "/v1/notifications/7/read": "notifications",
      "/api/v1/notifications": "notifications",
      "/notifications/stream": "notifications",
      "/v1/notificationsX": "auth",
      "/v1/auth/login": "auth",
      "/v2/v1/notifications": "auth",
      "/": "auth",
    }
    for (const [path, name] of Object.entries(expected)) {
      const seen = (await ask(path)) as { name: string; url: string }
      assert.deepEqual({ path, name: seen.name, url: seen.url }, { path, name, url: path })
    }
  })

  it("tells the service where a request came from, whatever the request says itself", async () => {
    const { headers } = (await ask("/", {
      headers: {
        "X-Forwarded-For": "9.9.9.9",
        "X-Forwarded-Host": "evil.test",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/x",
        "X-Real-IP": "9.9.9.9",
        Forwarded: "for=9.9.9.9",
        "X-Request-Id": "kept",
      },
    })) as { headers: Record<string, string> }

    const host = new URL(gateway.localUrl).host
    const told = Object.entries(headers).filter(([name]) => /forwarded|real-ip|host|request-id/.test(name))
    assert.deepEqual(Object.fromEntries(told), {
      host,
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-host": host,
      "x-forwarded-proto": "http",
      "x-request-id": "kept",
    })
  })

  it("keeps headers meant for one connection to that connection", async () => {
    const reply = await raw(
      "GET / HTTP/1.1\r\nHost: api.test\r\nConnection: close, X-Forwarded-For, X-Hop, Host\r\n" +
        "X-Hop: 1\r\nTE: trailers\r\nProxy-Authorization: x\r\nUpgrade: h2c\r\n\r\n",
    )
    const [head = "", body = ""] = reply.split("\r\n\r\n")
    assert.match(head, /^HTTP\/1.1 200 OK/)
    assert.match(head, /^connection: close$/im)
    assert.doesNotMatch(head, /timeout=99/)
    assert.equal(head.match(/^set-cookie: /gim)?.length, 2)

    const { headers } = JSON.parse(body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1))
    assert.equal(headers.host, "api.test")
    assert.equal(headers["x-forwarded-for"], "127.0.0.1")
    for (const name of ["x-hop", "te", "proxy-authorization", "upgrade"])
      assert.equal(headers[name], undefined)
  })

  it("passes bodies on, and announces none where there is none", async () => {
    const sent = (await ask("/", { method: "POST", body: "x".repeat(300_000) })) as { body: string }
    assert.equal(sent.body.length, 300_000)

    const reply = await raw("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert.match(reply, /"content-length":"0"/)
    assert.doesNotMatch(reply, /"transfer-encoding"/)
  })

  it("refuses requests that can be read in two ways, before any service sees them", async () => {
    const start = "POST / HTTP/1.1\r\nHost: a\r\n"
    for (const request of [
      `${start}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      `${start}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd`,
      `${start}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
      `${start}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET http://evil.test/ HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: a\u0000b\r\n\r\n",
      "GET /\r\n\r\n",
    ]) {
      const reply = await raw(request)
      assert.match(reply, /^HTTP\/1.1 400 /, request)
    }
  })

  it("streams: the first event arrives while the answer goes on, and a reader who leaves is noticed", async () => {
    const leave = new AbortController()
    const response = await fetch(`${gateway.localUrl}/stream`, { signal: leave.signal })
    const reader = response.body?.getReader()
    const first = await reader?.read()
    assert.equal(Buffer.from(first?.value ?? []).toString(), "one\n")

    const connections = () =>
      new Promise<number>((resolve) => servers.auth.getConnections((_, count) => resolve(count)))
    const before = await connections()
    leave.abort()
    await until(async () => (await connections()) < before)
  })

  it("answers 503 with Retry-After for a service that is away or does not listen", async () => {
    for (const path of ["/away", "/dead/x"]) {
      const response = await fetch(gateway.localUrl + path, { method: "POST", body: "lost" })
      assert.equal(response.status, 503)
      assert.equal(response.headers.get("content-type"), "application/problem+json")
      assert.match(response.headers.get("retry-after") ?? "", /^\d+$/)
      assert.equal(((await response.json()) as { code: string }).code, "server.unavailable")
    }
  })

  it("breaks an answer off when the service does", async () => {
    const response = await fetch(`${gateway.localUrl}/breaks`)
    await assert.rejects(response.text())
  })

  it("is found at both addresses of localhost, and names PORT when that is taken", async () => {
    for (const address of ["127.0.0.1", "[::1]"]) {
      const outcome = await fetch(`http://${address}:${gateway.port}`).then(
        ({ status }) => status,
        ({ cause }: { cause: { code: string } }) => cause.code,
      )
      // Some containers have no IPv6 at all.
      assert.ok([200, "EADDRNOTAVAIL", "EAFNOSUPPORT", "ENETUNREACH"].includes(outcome), String(outcome))
    }

    await assert.rejects(openGateway({ host: "localhost", port: gateway.port, upstreams: [] }), {
      message: `PORT ${gateway.port} is in use by another program: set PORT to a free one`,
    })
    await assert.rejects(
      openGateway({ host: "192.0.2.1", port: 0, upstreams: [] }),
      /^StartError: HOST 192.0.2.1/,
    )
  })
})
