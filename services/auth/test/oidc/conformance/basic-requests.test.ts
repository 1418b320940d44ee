import assert from "node:assert/strict"
import { newEmail, PASSWORD, register } from "../../support/people.js"
import { authorization, claimsOf, codeOf, exchangeCode, openBrowser } from "../../support/relying-party.js"
import { type Bundle, PUBLIC_URL } from "../../support/setup.js"
import { CLIENTS, setupProvider } from "../support/apps.js"
import { codeFlow, goThrough, open, signIn, silently } from "../support/flows.js"
import { libraryFlow } from "../support/openid-client.js"

// The modules of `oidcc-basic-certification-test-plan` about what a request may say. check 90
describe("OpenID conformance, basic plan: requests", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider()
  })
  after(() => auth.stop())

  /** Signs somebody new in with these parameters, and gives the ID token's claims. */
  const claimsWith = async (params: Record<string, string>) =>
    (await libraryFlow(auth, CLIENTS.basic, { params })).claims

  /** Where a request leads a browser that is not signed in. */
  const answerTo = async (params: Record<string, string>) =>
    open(openBrowser(auth), authorization({ ...CLIENTS.web, scope: "openid", ...params }))

  it("oidcc-response-type-missing: an error, at the client or on a page", async () => {
    const { location = "" } = await answerTo({ response_type: "" })
    const answer = new URL(location).searchParams
    assert.equal(answer.get("error"), "invalid_request")
    assert.equal(answer.get("code"), null)
  })

  for (const [module, params] of Object.entries({
    "oidcc-display-page": { display: "page" },
    "oidcc-display-popup": { display: "popup" },
    "oidcc-ui-locales": { ui_locales: "se" },
    "oidcc-claims-locales": { claims_locales: "se" },
    "oidcc-ensure-request-with-acr-values-succeeds": { acr_values: "1 2" },
    "oidcc-ensure-request-with-unknown-parameter-succeeds": { extra: "foobar" },
  })) {
    it(`${module}: the request is taken`, async () => {
      assert.ok((await claimsWith(params)).sub)
    })
  }

  it("oidcc-prompt-login: asks again, and says so in auth_time", async () => {
    const first = await libraryFlow(auth, CLIENTS.basic)
    await auth.db.query("update auth.oidc_artifacts set payload = payload || ? where model = 'Session'", [
      JSON.stringify({ loginTs: Number(first.claims.iat) - 100 }),
    ])
    const request = authorization({ ...CLIENTS.basic, scope: "openid", prompt: "login" })
    const page = await open(first.browser, request)
    assert.match(page.text, /type="password"/)
    const back = await goThrough(first.browser, page, first.email)
    const { body } = await exchangeCode(auth, request, back.location ?? "").expect(200)
    const second = claimsOf(body.id_token)
    assert.equal(second.sub, first.claims.sub)
    assert.ok(Number(second.auth_time) >= Number(first.claims.iat))
  })

  it("oidcc-prompt-none-not-logged-in: login_required, without a page", async () => {
    const { error, answer } = await silently(openBrowser(auth), CLIENTS.web)
    assert.equal(error, "login_required")
    assert.equal(answer.get("iss"), `${PUBLIC_URL}/oidc`)
  })

  it("oidcc-prompt-none-logged-in: a code without a page, for the same person", async () => {
    const { browser, userId, tokens } = await codeFlow(auth)
    const { request, location } = await silently(browser, CLIENTS.web)
    const { body } = await exchangeCode(auth, request, location).expect(200)
    const [before, after] = [claimsOf(tokens.id_token), claimsOf(body.id_token)]
    assert.equal(after.sub, userId)
    assert.equal(after.auth_time, before.auth_time)
  })

  it("oidcc-max-age-1: asks again when the sign-in is older", async () => {
    const first = await codeFlow(auth)
    await auth.db.query(
      "update auth.oidc_artifacts set payload = jsonb_set(payload, '{loginTs}', to_jsonb((payload->>'loginTs')::numeric - 3)) where model = 'Session'",
    )
    const { error } = await silently(first.browser, CLIENTS.web, { max_age: "1" })
    assert.equal(error, "login_required")
    const request = authorization({ ...CLIENTS.web, scope: "openid", max_age: "1" })
    const page = await open(first.browser, request)
    assert.match(page.text, /type="password"/)
    const back = await goThrough(first.browser, page, first.email)
    const { body } = await exchangeCode(auth, request, back.location ?? "").expect(200)
    const { auth_time, iat } = claimsOf(body.id_token)
    assert.ok(Number(iat) - Number(auth_time) <= 2)
  })

  it("oidcc-max-age-10000: does not, and auth_time is there", async () => {
    const first = await codeFlow(auth)
    const { request, location } = await silently(first.browser, CLIENTS.web, { max_age: "10000" })
    const { body } = await exchangeCode(auth, request, location).expect(200)
    const { auth_time } = claimsOf(body.id_token)
    assert.ok(Number(auth_time) <= Number(claimsOf(first.tokens.id_token).iat), String(auth_time))
  })

  it("oidcc-id-token-hint: the same person silently, and nobody else", async () => {
    const [one, other] = [await codeFlow(auth), await codeFlow(auth)]
    const mine = await silently(one.browser, CLIENTS.web, { id_token_hint: one.tokens.id_token })
    const { body } = await exchangeCode(auth, mine.request, mine.location).expect(200)
    assert.equal(claimsOf(body.id_token).sub, one.userId)
    const theirs = await silently(one.browser, CLIENTS.web, { id_token_hint: other.tokens.id_token })
    assert.equal(theirs.error, "login_required")
    for (const hint of ["x", `${one.tokens.id_token}x`, one.tokens.access_token]) {
      const { error } = await silently(one.browser, CLIENTS.web, { id_token_hint: hint })
      assert.equal(error, "invalid_request", hint.slice(0, 9))
    }
  })

  it("oidcc-login-hint: stands in the form already, as text and nothing more", async () => {
    const { text } = await answerTo({ login_hint: `kim@example.com"><script>` })
    assert.match(text, /value="kim@example.com&quot;&gt;&lt;script&gt;"/)
  })

  it("oidcc-ensure-registered-redirect-uri: another one is never followed", async () => {
    const { status, location } = await answerTo({ redirect_uri: "https://web.example/callback" })
    assert.deepEqual([status, location], [400, undefined])
  })

  it("oidcc-ensure-post-request-succeeds: a POST to the authorization endpoint is as good as a GET", async () => {
    const email = newEmail()
    await register(auth, email)
    const browser = openBrowser(auth)
    const request = authorization({ ...CLIENTS.web, scope: "openid", state: "a b&c" })
    // From the client's site, as a browser sends it.
    const posted = await browser.post("/oidc/auth", request.params, { Origin: "http://localhost:5173" })
    assert.equal(posted.status, 303)
    const back = await goThrough(browser, await browser.follow(posted), email)
    assert.equal(new URL(back.location ?? "").searchParams.get("state"), "a b&c")
    await exchangeCode(auth, request, back.location ?? "").expect(200)
  })

  it("oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported: request_not_supported", async () => {
    const payload = Buffer.from(JSON.stringify({ ...CLIENTS.web })).toString("base64url")
    const { location = "" } = await answerTo({ request: `eyJhbGciOiJub25lIn0.${payload}.` })
    assert.equal(new URL(location).searchParams.get("error"), "request_not_supported")
  })

  // check 95
  it("oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported: request_uri_not_supported, nothing fetched", async () => {
    const { location = "" } = await answerTo({ request_uri: "http://127.0.0.1:1/request" })
    assert.equal(new URL(location).searchParams.get("error"), "request_uri_not_supported")
  })

  it("oidcc-claims-essential: the parameter is not offered, and passed over", async () => {
    const { body } = await auth.http.get("/oidc/.well-known/openid-configuration")
    assert.equal(body.claims_parameter_supported, false)
    const asked = JSON.stringify({ userinfo: { email: { essential: true } } })
    const { tokens } = await codeFlow(auth, { scope: "openid", claims: asked })
    const user = await auth.http.get("/oidc/me").set("Authorization", `Bearer ${tokens.access_token}`)
    assert.deepEqual(Object.keys(user.body), ["sub"])
  })

  it("ensure-authorization-request-with-long-state, -64-char-nonce, -without-state: come back as they were", async () => {
    const { browser } = await codeFlow(auth)
    for (const state of ["", "s".repeat(1_000), "ä b+c&d=e%00"]) {
      const { answer, request, location } = await silently(browser, CLIENTS.web, {
        state,
        nonce: "n".repeat(64),
      })
      assert.equal(answer.get("state") ?? "", state)
      const { body } = await exchangeCode(auth, request, location).expect(200)
      assert.equal(claimsOf(body.id_token).nonce, "n".repeat(64))
    }
  })

  it("prompt and max_age that make no sense are refused", async () => {
    for (const params of [
      { prompt: "none login" },
      { prompt: "dance" },
      { max_age: "-1" },
      { max_age: "x" },
    ]) {
      const { location = "" } = await answerTo(params as unknown as Record<string, string>)
      assert.equal(new URL(location).searchParams.get("error"), "invalid_request", JSON.stringify(params))
    }
  })

  it("a wrong password asks again, and the right one goes on", async () => {
    const email = newEmail()
    await register(auth, email)
    const browser = openBrowser(auth)
    const page = await open(browser, authorization({ ...CLIENTS.web, scope: "openid" }))
    const again = await browser.post(`${page.path}/login`, { email, password: "not the password" })
    assert.equal(again.status, 401)
    assert.match(again.text, /role="alert"/)
    const back = await browser.follow(await browser.post(`${page.path}/login`, { email, password: PASSWORD }))
    assert.ok(codeOf(back.location))
  })

  it("two tabs at once are two requests, and each ends with its own state", async () => {
    const email = newEmail()
    await register(auth, email)
    const browser = openBrowser(auth)
    const requests = [1, 2].map((tab) =>
      authorization({ ...CLIENTS.web, scope: "openid", state: `tab${tab}` }),
    )
    const pages = []
    for (const request of requests) pages.push(await open(browser, request))
    for (const [index, page] of pages.entries()) {
      const back = await goThrough(browser, page, email)
      assert.equal(new URL(back.location ?? "").searchParams.get("state"), `tab${index + 1}`)
    }
    await signIn(browser, authorization({ ...CLIENTS.web, scope: "openid" }), email)
  })
})
