import assert from "node:assert/strict"
import { type Answer, ask, authorization, openBrowser } from "../support/relying-party.js"
import { basic as basicHeader } from "../support/service-client.js"
import type { AuthProcess, Bundle } from "../support/setup.js"
import { CLIENTS, type Client, setupProvider } from "./support/apps.js"
import { codeFlow } from "./support/flows.js"

const { web, basic, post, pushed, tv } = CLIENTS
const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

// SECURITY.md section 2, "Rate limits"; checks 39 and 46
describe("limits at the OpenID Provider, shared by two processes", () => {
  let auth: Bundle
  let other: AuthProcess
  let number = 0
  let from: { "X-Forwarded-For": string }

  before(async () => {
    auth = await setupProvider({ RATE_LIMITS: "on", TRUSTED_PROXY_HOPS: "1" })
    other = await auth.another()
  })
  after(() => auth.stop())
  beforeEach(() => {
    from = { "X-Forwarded-For": `198.51.100.${++number}` }
  })

  const at = (attempt: number) => (attempt % 2 ? auth : other)
  const exchange = (client: Client, attempt = 0) =>
    ask(at(attempt), "token", client, { grant_type: "refresh_token", refresh_token: "none" }, from)

  /** RFC 6749 section 5.2 has no status for it, and section 4.1.2.1 the word. */
  function assertTooMany(answer: {
    status: number
    body: { error?: string }
    headers: Record<string, string>
  }) {
    assert.equal(answer.status, 429)
    assert.equal(answer.body.error, "temporarily_unavailable")
    assertRetryAfter(answer.headers["retry-after"], 60)
  }
  function assertRetryAfter(value: string | null | undefined, most: number) {
    const seconds = Number(value)
    assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= most, String(value))
  }

  it("stop a client at one address after 120 refusals a minute, and nobody else", async () => {
    for (let attempt = 0; attempt < 120; attempt++) assert.equal((await exchange(web, attempt)).status, 400)
    for (const attempt of [0, 1]) assertTooMany(await exchange(web, attempt))
    assert.equal((await exchange(tv)).status, 400)
    from = { "X-Forwarded-For": "203.0.113.1" }
    assert.equal((await exchange(web)).status, 400)
  })

  it("count wrong secrets at every endpoint alike, and then not even the right one is looked at", async () => {
    const wrong = { ...basic, secret: "wrong".repeat(8) }
    const endpoints = ["token", "token/introspection", "token/revocation", "request", "device/auth"]
    for (let attempt = 0; attempt < 120; attempt++) {
      const endpoint = endpoints[attempt % endpoints.length] ?? ""
      assert.equal((await ask(at(attempt), endpoint, wrong, { token: "x" }, from)).status, 401)
    }
    for (const endpoint of endpoints) {
      assertTooMany(await ask(auth, endpoint, wrong, {}, from))
      assertTooMany(await ask(auth, endpoint, basic, { token: "x" }, from))
    }
    await ask(auth, "token/introspection", post, { token: "x" }, from).expect(200)
  })

  it("take all clients that nobody knows for one", async () => {
    for (let attempt = 0; attempt < 120; attempt++) {
      const headers = { ...from, Authorization: basicHeader(`nobody-${attempt}`, "x") }
      assert.equal(
        (await at(attempt).http.post("/oidc/token").set(headers).type("form").send({})).status,
        401,
      )
    }
    const headers = { ...from, Authorization: basicHeader("somebody", "x") }
    assertTooMany(await auth.http.post("/oidc/token").set(headers).type("form").send({}))
    assert.equal((await exchange(web)).status, 400)
  })

  it("count no device that waits, and nothing that succeeds", async () => {
    const { body } = await ask(auth, "device/auth", tv, { scope: "openid" }, from).expect(200)
    const form = { grant_type: DEVICE_GRANT, device_code: body.device_code }
    for (let attempt = 0; attempt < 125; attempt++) {
      const answer = await ask(at(attempt), "token", tv, form, from)
      assert.equal(answer.body.error, "authorization_pending")
      await ask(at(attempt), "token/introspection", basic, { token: "x" }, from).expect(200)
    }
  })

  const begin = (attempt = 0, cookie = "") =>
    fetch(new URL(authorization({ ...web, scope: "openid" }).path, at(attempt).url), {
      headers: { ...from, Accept: "text/html", Cookie: cookie },
      redirect: "manual",
    })

  it("stop sign-ins that nobody goes on with after 60 a minute, but not who is signed in", async () => {
    const { browser } = await codeFlow(auth)
    for (let attempt = 0; attempt < 60; attempt++) assert.equal((await begin(attempt)).status, 303)
    const stopped = await begin(1)
    assert.equal(stopped.status, 429)
    assertRetryAfter(stopped.headers.get("retry-after"), 60)
    assert.equal(stopped.headers.get("location"), null)
    assert.match(await stopped.text(), /<code>temporarily_unavailable<\/code>/)

    const cookies = Object.entries(browser.cookies()).map(([name, value]) => `${name}=${value}`)
    const known = await begin(0, cookies.join("; "))
    assert.match(known.headers.get("location") ?? "", /code=/)
    from = { "X-Forwarded-For": "203.0.113.2" }
    assert.equal((await begin()).status, 303)
  })

  it("count pushed requests and devices of clients that prove nothing as sign-ins", async () => {
    const push = (client: Client, attempt: number) =>
      ask(at(attempt), "request", client, authorization({ ...client, scope: "openid" }).params, from)
    for (let attempt = 0; attempt < 30; attempt++) {
      assert.equal((await push(web, attempt)).status, 201)
      await ask(at(attempt), "device/auth", tv, { scope: "openid" }, from).expect(200)
    }
    assertTooMany(await push(web, 0))
    assertTooMany(await ask(auth, "device/auth", tv, { scope: "openid" }, from))
    for (let attempt = 0; attempt < 65; attempt++) assert.equal((await push(pushed, attempt)).status, 201)
  })

  // RFC 8628 section 5.1
  describe("on the codes of devices", () => {
    const xsrfOf = ({ text }: Answer) => /name="xsrf" value="(\w+)"/.exec(text)?.[1] ?? "none"

    /** A browser in which codes are typed. */
    function typist() {
      const browser = openBrowser(auth)
      return async (user_code: string) => {
        const xsrf = xsrfOf(await browser.get("/oidc/device"))
        return browser.post("/oidc/device", { xsrf, user_code }, from)
      }
    }

    it("stop a browser after ten wrong ones, wherever it is, with a page that says so", async () => {
      const type = typist()
      for (let attempt = 0; attempt < 10; attempt++) {
        from = { "X-Forwarded-For": `192.0.2.${attempt}` }
        assert.match((await type(`BBBB-BBB${"BCDFGHJKLM"[attempt]}`)).text, /This code is not known/)
      }
      const { body: device } = await ask(auth, "device/auth", tv, { scope: "openid" }, from).expect(200)
      const stopped = await type(device.user_code)
      assert.equal(stopped.status, 429)
      assertRetryAfter(stopped.headers.get("retry-after"), 600)
      assert.match(stopped.text, /Too many codes were tried/)
      assert.doesNotMatch(stopped.text, /Sign in to TV/)
    })

    it("stop an address after thirty, whichever browser", async () => {
      for (let browser = 0; browser < 3; browser++) {
        const type = typist()
        for (let attempt = 0; attempt < 10; attempt++) {
          assert.equal((await type(`BBBB-BB${"BCDFGHJKLM"[attempt]}B`)).status, 200)
        }
      }
      assert.equal((await typist()("BBBB-BBBB")).status, 429)
    })

    it("count no right one", async () => {
      const type = typist()
      for (let attempt = 0; attempt < 12; attempt++) {
        const { body: device } = await ask(auth, "device/auth", tv, { scope: "openid" }, from).expect(200)
        assert.match((await type(device.user_code)).text, /Sign in to TV on the device\?/)
      }
    })
  })
})
