import assert from "node:assert/strict"
import { newEmail, register } from "../support/people.js"
import { authorization, exchangeCode, openBrowser } from "../support/relying-party.js"
import type { Bundle } from "../support/setup.js"
import { CLIENTS, type Client, setupProvider } from "./support/apps.js"
import { open, signIn } from "./support/flows.js"

const REGISTERED = "https://partner.example/callback"

// check 87: OAuth 2.0 Security BCP (RFC 9700) section 4.1
describe("redirect URIs", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider()
  })
  after(() => auth.stop())

  /** Also when nobody could be asked, which would be an answer to the client. */
  async function refused(client: Client, redirectUri: string) {
    for (const more of [{}, { prompt: "none" }, { response_type: "token" }, { scope: "\0" }]) {
      const request = authorization({ ...client, redirectUri, scope: "openid", ...more })
      const { status, location, text } = await open(openBrowser(auth), request)
      assert.deepEqual([status, location], [400, undefined], `${redirectUri} ${JSON.stringify(more)}`)
      assert.match(text, /<h1>This did not work<\/h1>/)
      assert.doesNotMatch(text, /<(a|form|meta http-equiv)\b/)
    }
  }

  for (const variant of [
    "",
    `${REGISTERED}/`,
    `${REGISTERED}/../evil`,
    `${REGISTERED}x`,
    "https://partner.example/",
    "https://partner.example/Callback",
    "https://partner.example/a/../callback",
    "https://partner.example/%63allback",
    "https://partner.example/callback%2e",
    `${REGISTERED}?a=b`,
    `${REGISTERED}#fragment`,
    `${REGISTERED}#`,
    "http://partner.example/callback",
    "https://partner.example:443/callback",
    "https://partner.example:8443/callback",
    "https://user@partner.example/callback",
    "https://partner.example@evil.test/callback",
    "https://partner.example.evil.test/callback",
    "https://evil.test\\@partner.example/callback",
    "https://pаrtner.example/callback",
    "https://PARTNER.example/callback",
    "https://partner.example./callback",
    ` ${REGISTERED}`,
    `${REGISTERED}\r\nSet-Cookie: a=b`,
    "javascript:alert(1)//partner.example/callback",
    "//partner.example/callback",
  ]) {
    it(`${JSON.stringify(variant)} is an error page, never a redirect`, () =>
      refused(CLIENTS.partner, variant))
  }

  // OpenID Connect Core section 3.1.2.1
  it("one has to be named, also where a client has only one", () => refused(CLIENTS.basic, ""))

  it("two at once are refused, also when both are registered", async () => {
    const { path } = authorization({ ...CLIENTS.post, scope: "openid" })
    const { status, location } = await openBrowser(auth).get(
      `${path}&redirect_uri=${encodeURIComponent("https://post.example/second")}`,
    )
    assert.deepEqual([status, location], [400, undefined])
  })

  it("a client's own are no other client's", async () => {
    await refused(CLIENTS.partner, CLIENTS.basic.redirectUri)
    await refused({ ...CLIENTS.web, clientId: "nobody" }, CLIENTS.web.redirectUri)
  })

  // RFC 8252 section 7.3
  it("a native app's loopback port is free, and nothing else of it", async () => {
    const email = newEmail()
    await register(auth, email)
    const browser = openBrowser(auth)
    for (const redirectUri of [
      CLIENTS.native.redirectUri,
      "http://127.0.0.1:51004/callback",
      "http://[::1]:61023/callback",
    ]) {
      const request = authorization({ ...CLIENTS.native, redirectUri, scope: "openid" })
      const location = await signIn(browser, request, email)
      await exchangeCode(auth, request, location).expect(200)
    }
    for (const uri of [
      "http://127.0.0.1:51004/other",
      "http://127.0.0.2:51004/callback",
      "http://localhost:51004/callback",
      "https://127.0.0.1:51004/callback",
      "http://127.0.0.1:51004@evil.test/callback",
      "com.example.native:/other",
      "com.example.native://callback",
      "com.example.native2:/callback",
    ]) {
      await refused(CLIENTS.native, uri)
    }
  })

  it("a code is for the URI that it was sent to", async () => {
    const email = newEmail()
    await register(auth, email)
    const request = authorization({ ...CLIENTS.post, scope: "openid" })
    const location = await signIn(openBrowser(auth), request, email)
    for (const redirectUri of ["https://post.example/second", ""]) {
      const { status } = await exchangeCode(auth, { ...request, redirectUri }, location)
      assert.equal(status, 400)
    }
  })
})
