import assert from "node:assert/strict"
import { newEmail, PASSWORD, register } from "../support/people.js"
import { ask, authorization, openBrowser } from "../support/relying-party.js"
import { type Bundle, PUBLIC_URL } from "../support/setup.js"
import { CLIENTS, setupProvider } from "./support/apps.js"
import { codeFlow, open, silently } from "./support/flows.js"

const ISSUER = `${PUBLIC_URL}/oidc`

describe("the authorization response", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider()
  })
  after(() => auth.stop())

  // check 89, RFC 9207
  it("names the issuer, with a code and with an error", async () => {
    const { browser, location } = await codeFlow(auth)
    assert.equal(new URL(location).searchParams.get("iss"), ISSUER)
    const { answer } = await silently(openBrowser(auth), CLIENTS.web)
    assert.deepEqual([answer.get("error"), answer.get("iss")], ["login_required", ISSUER])
    const denied = await silently(browser, CLIENTS.partner)
    assert.deepEqual([denied.error, denied.answer.get("iss")], ["consent_required", ISSUER])
  })

  // check 89, RFC 9700 section 4.12: a 307 would post the password on to the client.
  it("follows every form by a 303", async () => {
    const email = newEmail()
    await register(auth, email)
    const browser = openBrowser(auth)
    const first = await browser.get(authorization({ ...CLIENTS.web, scope: "openid" }).path)
    assert.equal(first.status, 303)
    const posted = await browser.post(`${first.location}/login`, { email, password: PASSWORD })
    assert.equal(posted.status, 303)
    const back = await browser.get(new URL(posted.location ?? "").pathname)
    assert.equal(back.status, 303)
    assert.ok(back.location?.startsWith(CLIENTS.web.redirectUri))
  })

  // check 85: no token ever stands in a URL.
  it("has no other response type, and tells the client so", async () => {
    for (const response_type of [
      "token",
      "id_token",
      "id_token token",
      "code token",
      "code id_token",
      "none",
      "x",
    ]) {
      const { location = "" } = await open(
        openBrowser(auth),
        authorization({ ...CLIENTS.basic, scope: "openid", response_type }),
      )
      assert.match(location, /error=(unsupported_response_type|invalid_request)/, response_type)
      assert.doesNotMatch(location, /access_token|id_token=|code=/)
    }
  })

  it("and the token endpoint no password grant, and nothing that is not in discovery", async () => {
    const { email } = await codeFlow(auth)
    for (const grant of [
      { grant_type: "password", username: email, password: PASSWORD },
      { grant_type: "implicit" },
      { grant_type: "urn:ietf:params:oauth:grant-type:token-exchange", subject_token: "x" },
      { grant_type: "urn:openid:params:grant-type:ciba", auth_req_id: "x" },
    ]) {
      const { body } = await ask(auth, "token", CLIENTS.basic, grant as Record<string, string>).expect(400)
      assert.equal(body.error, "unsupported_grant_type")
    }
    // One that is offered, to a client that was not given it.
    const { body } = await ask(auth, "token", CLIENTS.basic, { grant_type: "client_credentials" }).expect(400)
    assert.match(body.error, /^(unauthorized_client|invalid_request)$/)
  })

  it("comes as a query, as a fragment or as a form, and no page keeps or frames it", async () => {
    const { browser } = await codeFlow(auth)
    const fragment = await silently(browser, CLIENTS.web, { response_mode: "fragment" })
    assert.match(fragment.location, /#code=/)
    const request = authorization({ ...CLIENTS.web, scope: "openid", response_mode: "form_post" })
    const page = await open(browser, request)
    assert.equal(page.status, 200)
    assert.match(page.text, /<form method="post" action="http:\/\/localhost:5173\/callback">/)
    assert.match(page.headers.get("cache-control") ?? "", /no-store/)
    assert.match(page.headers.get("content-security-policy") ?? "", /frame-ancestors 'none'/)
    const odd = await open(
      browser,
      authorization({ ...CLIENTS.web, scope: "openid", response_mode: "smoke" }),
    )
    assert.match(odd.location ?? "", /error=unsupported_response_mode/)
  })

  // check 13
  it("is an error page when a parameter comes twice", async () => {
    const { path } = authorization({ ...CLIENTS.web, scope: "openid" })
    for (const name of [
      "client_id=web",
      "redirect_uri=https://evil.test",
      "state=a",
      "scope=openid",
      "prompt=none",
    ]) {
      const { status, location } = await openBrowser(auth).get(`${path}&prompt=login&${name}`)
      assert.ok(status === 400 || /error=invalid_request/.test(location ?? ""), name)
      assert.ok(!location?.startsWith("https://evil.test"))
    }
  })

  // check 4: other sites read nothing of it.
  it("is for no script of another site: no CORS at the authorization endpoint", async () => {
    for (const origin of ["http://localhost:5173", "https://evil.test", "null"]) {
      const { path } = authorization({ ...CLIENTS.web, scope: "openid" })
      const answer = await auth.http.get(path).set("Origin", origin)
      const allowed = answer.headers["access-control-allow-origin"]
      assert.ok(allowed === undefined || (origin === "http://localhost:5173" && allowed === origin), origin)
      assert.equal(answer.headers["access-control-allow-credentials"], undefined)
    }
  })

  it("answers the token endpoint's callers by their client's origins alone", async () => {
    const { tokens } = await codeFlow(auth)
    const userInfo = (origin: string) =>
      auth.http.get("/oidc/me").set("Authorization", `Bearer ${tokens.access_token}`).set("Origin", origin)
    const evil = await userInfo("https://evil.test")
    assert.equal(evil.headers["access-control-allow-origin"], undefined)
    assert.equal(evil.body.sub, undefined)
  })
})
