import assert from "node:assert/strict"
import { tokensFromMails } from "./support/mails.js"
import { PASSWORD, register } from "./support/people.js"
import { exchange, request } from "./support/raw.js"
import { type Bundle, setup } from "./support/setup.js"

// check 5
describe("hosts", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  it("that are not ours are misdirected, and such an answer is kept by nobody", async () => {
    for (const host of [
      "evil.test",
      "localhost.evil.test",
      "evil.test:8000",
      "movr.localhost.",
      "127.0.0.2",
      "",
    ]) {
      for (const path of ["/v1/auth/me", "/auth/me", "/oidc/token", "/docs", "/nowhere"]) {
        const { status, headers } = await auth.http.get(path).set("Host", host)
        assert.equal(status, 421, `${host}${path}`)
        assert.equal(headers["cache-control"], "no-store")
        assert.equal(headers["access-control-allow-origin"], undefined)
      }
    }
    const { body } = await auth.http.get("/v1/auth/me").set("Host", "evil.test")
    assert.equal(body.code, "request.host-unknown")
  })

  it("of ours are the public URL's, loopback and each app's, with any port and in any case", async () => {
    for (const host of ["localhost", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:8000", "movr.localhost:8000"]) {
      await auth.http.get("/v1/auth/me").set("Host", host).expect(401)
    }
  })

  it("don't matter to probes and to verifiers, which may know this service by an inner name", async () => {
    await auth.http.get("/livez").set("Host", "10.0.0.7").expect(200, { status: "ok" })
    await auth.http.get("/.well-known/jwks.json").set("Host", "auth:8001").expect(200)
    const { body } = await auth.http.get("/readyz").set("Host", "pod.cluster.local").expect(200)
    assert.equal(body.status, "ready")
  })

  // CVE-class: password reset poisoning.
  it("and proxy headers have no part in the links of mails", async () => {
    const { user } = await register(auth)
    const poison = {
      "X-Forwarded-Host": "evil.test",
      "X-Forwarded-Proto": "https",
      "X-Forwarded-Port": "444",
      Forwarded: "for=1.2.3.4;host=evil.test;proto=https",
      "X-Host": "evil.test",
    }
    for (const [path, kind] of [
      ["/v1/auth/forgot-password", "reset-password"],
      ["/v1/auth/verify-email", "verify-email"],
    ] as const) {
      await auth.http
        .post(path)
        .set(poison)
        .set("Host", "jobpath.localhost")
        .send({ email: user.email })
        .expect(200)
      assert.notEqual((await tokensFromMails(auth, kind, user.email)).at(-1), "none")
    }
    const email = "poisoned@example.com"
    await auth.http.post("/v1/auth/register").set(poison).send({ email, password: PASSWORD }).expect(201)
    for (const { payload } of await auth.mails()) {
      assert.match(String(payload.link), /^http:\/\/localhost:8000\//)
    }
  })

  // check 7, M11
  it("and message framing have to be unmistakable, or the connection ends", async () => {
    const body = '{"email":"a@x.io","password":"x"}'
    const json = ["Host: localhost", "Content-Type: application/json"]
    const length = `Content-Length: ${body.length}`
    const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
    const login = "POST /v1/auth/login HTTP/1.1"
    const cases: Record<string, string> = {
      "two Host headers": request("GET /livez HTTP/1.1", ["Host: localhost", "Host: evil.test"]),
      "no Host header": request("GET /livez HTTP/1.1", ["Accept: */*"]),
      "the absolute form with another host": request("GET http://evil.test/livez HTTP/1.1", [
        "Host: localhost",
      ]),
      "an unknown transfer coding": request(login, [...json, "Transfer-Encoding: xchunked"], chunked),
      "two transfer codings": request(login, [...json, "Transfer-Encoding: chunked, identity"], chunked),
      "a length beside chunks": request(login, [...json, length, "Transfer-Encoding: chunked"], chunked),
      "two lengths": request(login, [...json, length, "Content-Length: 1"], body),
      "a folded header": request("GET /livez HTTP/1.1", ["Host: localhost", "X-Folded: a", " b"]),
      "bare line feeds": "GET /livez HTTP/1.1\nHost: localhost\n\n",
      "a header without a colon": request("GET /livez HTTP/1.1", ["Host: localhost", "nonsense"]),
    }
    for (const [what, bytes] of Object.entries(cases)) {
      const answer = await exchange(auth.url, bytes)
      assert.match(answer, /^HTTP\/1\.1 400 /, `${what}: ${answer.split("\r\n")[0]}`)
      assert.equal(answer.match(/^HTTP\/1\.1 /gm)?.length, 1, what)
      assert.match(answer, /^connection: close\r$/im, what)
    }
  })

  // check 9
  it("show nothing on the public port that is not for the public", async () => {
    for (const path of [
      "/metrics",
      "/debug",
      "/.git/HEAD",
      "/.env",
      "/package.json",
      "/assets/",
      "/docs/assets/",
    ]) {
      await auth.http.get(path).expect(404)
    }
    for (const path of [
      "/docs/assets/..%2f..%2fpackage.json",
      "/docs/assets/%2e%2e/package.json",
      "/%2e%2e/.env",
    ]) {
      const { status } = await auth.http.get(path)
      assert.ok([400, 403, 404].includes(status), `${path} gave ${status}`)
    }
    const traced = await exchange(
      auth.url,
      request("TRACE / HTTP/1.1", ["Host: localhost", "Connection: close"]),
    )
    assert.match(traced, /^HTTP\/1\.1 40[45] /)
  })

  // check 4
  it("are one thing and origins another: only those of the apps may read answers", async () => {
    const from = (origin: string, method: "options" | "get" = "get") =>
      auth.http[method]("/v1/auth/me").set({ Origin: origin, "Access-Control-Request-Method": "GET" })
    for (const origin of [
      "https://evil.example",
      "null",
      "http://localhost:3000.evil.io",
      "https://localhost:3000",
      "http://localhost:30000",
    ]) {
      for (const method of ["options", "get"] as const) {
        const { headers } = await from(origin, method)
        assert.equal(headers["access-control-allow-origin"], undefined, origin)
      }
    }
    const { headers } = await from("http://localhost:3000")
    assert.equal(headers["access-control-allow-origin"], "http://localhost:3000")
    assert.match(String(headers.vary), /Origin/)
    assert.equal(headers["access-control-allow-credentials"], undefined)
    for (const path of ["/oidc/auth", "/reset-password"]) {
      const answer = await auth.http.options(path).set({ Origin: "https://evil.example" })
      assert.equal(answer.headers["access-control-allow-origin"], undefined)
    }
  })
})
