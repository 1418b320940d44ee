import assert from "node:assert/strict"
import { me } from "../../support/people.js"
import { type Browser, openBrowser, refreshAtTokenEndpoint } from "../../support/relying-party.js"
import { type Bundle, PUBLIC_URL } from "../../support/setup.js"
import { CLIENTS, SIGNED_OUT, setupProvider } from "../support/apps.js"
import { codeFlow, silently } from "../support/flows.js"
import { signOut } from "../support/sign-out.js"

// The modules of `oidcc-rp-initiated-logout-certification-test-plan`. check 93
describe("OpenID conformance, RP-initiated logout plan", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider()
  })
  after(() => auth.stop())

  const SCOPE = "openid account"
  const isSignedIn = async (browser: Browser) => (await silently(browser, CLIENTS.web)).code !== null

  it("oidcc-rp-initiated-logout-discovery-endpoint-verification: discovery names the endpoint", async () => {
    const { body } = await auth.http.get("/oidc/.well-known/openid-configuration")
    assert.equal(body.end_session_endpoint, `${PUBLIC_URL}/oidc/session/end`)
  })

  it("oidcc-rp-initiated-logout: back at the client with its state, signed out, the tokens dead", async () => {
    const { browser, tokens } = await codeFlow(auth, { scope: SCOPE })
    const { asked, end } = await signOut(browser, {
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: SIGNED_OUT,
      state: "s & t",
    })
    assert.equal(asked, false)
    assert.equal(end.location, `${SIGNED_OUT}?${new URLSearchParams({ state: "s & t" })}`)
    assert.equal(await isSignedIn(browser), false)
    await me(auth, tokens.access_token).expect(401)
    await refreshAtTokenEndpoint(auth, CLIENTS.web, tokens.refresh_token).expect(400)
  })

  it("oidcc-rp-initiated-logout-bad-post-logout-redirect-uri: an error page, and still signed in", async () => {
    const { browser, tokens } = await codeFlow(auth)
    for (const uri of [
      `${SIGNED_OUT}/`,
      "https://evil.test/",
      "javascript:alert(1)",
      "x",
      "https://partner.example/bye",
    ]) {
      const { end } = await signOut(browser, {
        id_token_hint: tokens.id_token,
        post_logout_redirect_uri: uri,
      })
      assert.deepEqual([end.status, end.location], [400, undefined], uri)
      assert.equal(await isSignedIn(browser), true)
    }
  })

  it("oidcc-rp-initiated-logout-modified-id-token-hint: an error page, and still signed in", async () => {
    const { browser, tokens } = await codeFlow(auth)
    const [header, payload = "", signature] = tokens.id_token.split(".")
    const claims = { ...JSON.parse(Buffer.from(payload, "base64url").toString()), aud: "partner" }
    const modified = [header, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".")
    const { end } = await signOut(browser, { id_token_hint: modified, post_logout_redirect_uri: SIGNED_OUT })
    assert.deepEqual([end.status, end.location], [400, undefined])
    assert.equal(await isSignedIn(browser), true)
  })

  it("oidcc-rp-initiated-logout-bad-id-token-hint: an error page, and still signed in", async () => {
    const { browser, tokens } = await codeFlow(auth)
    for (const hint of ["x", "a.b.c", tokens.access_token, tokens.id_token.slice(0, -20)]) {
      const { end } = await signOut(browser, { id_token_hint: hint, post_logout_redirect_uri: SIGNED_OUT })
      assert.deepEqual([end.status, end.location], [400, undefined], hint.slice(0, 9))
    }
    assert.equal(await isSignedIn(browser), true)
  })

  it("oidcc-rp-initiated-logout-no-id-token-hint: asks first, and goes to no client that it can't know", async () => {
    const { browser } = await codeFlow(auth)
    const { asked, end } = await signOut(browser, { post_logout_redirect_uri: SIGNED_OUT, state: "s" })
    assert.equal(asked, true)
    assert.match(end.text, /You are signed out/)
    assert.equal(await isSignedIn(browser), false)
  })

  it("… and with a client_id it asks, and goes there", async () => {
    const { browser } = await codeFlow(auth)
    const params = { post_logout_redirect_uri: SIGNED_OUT, client_id: "web" }
    const { asked, end } = await signOut(browser, params)
    assert.deepEqual([asked, end.location], [true, SIGNED_OUT])
  })

  it("oidcc-rp-initiated-logout-no-params: asks first, then a page says so", async () => {
    const { browser } = await codeFlow(auth)
    const { asked, end } = await signOut(browser, {})
    assert.equal(asked, true)
    assert.match(end.text, /You are signed out/)
    assert.equal(await isSignedIn(browser), false)
  })

  it("oidcc-rp-initiated-logout-no-post-logout-redirect-uri: a page says so", async () => {
    const { browser, tokens } = await codeFlow(auth)
    const { end } = await signOut(browser, { id_token_hint: tokens.id_token, state: "s" })
    assert.match(end.text, /You are signed out/)
    assert.equal(await isSignedIn(browser), false)
  })

  it("oidcc-rp-initiated-logout-no-state: back at the client without one", async () => {
    const { browser, tokens } = await codeFlow(auth)
    const params = { id_token_hint: tokens.id_token, post_logout_redirect_uri: SIGNED_OUT }
    const { end } = await signOut(browser, params)
    assert.equal(end.location, SIGNED_OUT)
  })

  it("oidcc-rp-initiated-logout-only-state: asks first, then a page says so", async () => {
    const { browser } = await codeFlow(auth)
    const { asked, end } = await signOut(browser, { state: "s" })
    assert.equal(asked, true)
    assert.match(end.text, /You are signed out/)
  })

  it("oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri: an error page; a registered query is kept", async () => {
    const { browser, tokens } = await codeFlow(auth)
    const hint = { id_token_hint: tokens.id_token }
    const added = await signOut(browser, { ...hint, post_logout_redirect_uri: `${SIGNED_OUT}?foo=bar` })
    assert.deepEqual([added.end.status, added.end.location], [400, undefined])
    const registered = `${SIGNED_OUT}?from=gatepost`
    const kept = await signOut(browser, { ...hint, post_logout_redirect_uri: registered, state: "s" })
    assert.equal(kept.end.location, `${registered}&state=s`)
  })

  it("a POST does the same as a GET", async () => {
    const { browser, tokens } = await codeFlow(auth)
    const params = { id_token_hint: tokens.id_token, post_logout_redirect_uri: SIGNED_OUT }
    const { end } = await signOut(browser, params, "POST")
    assert.equal(end.location, SIGNED_OUT)
    assert.equal(await isSignedIn(browser), false)
  })

  it("another person's ID token is no word for this one: it asks", async () => {
    const [mine, theirs] = [await codeFlow(auth), await codeFlow(auth)]
    const page = await mine.browser.get(
      `/oidc/session/end?${new URLSearchParams({ id_token_hint: theirs.tokens.id_token })}`,
    )
    assert.match(page.text, /Stay signed in/)
    assert.doesNotMatch(page.text, /<script/)
  })

  it("nobody signs others out by a link or a form: the confirmation needs this browser's own page", async () => {
    const { browser } = await codeFlow(auth)
    await browser.get("/oidc/session/end")
    for (const xsrf of ["", "x", "0".repeat(48)]) {
      const { status } = await browser.post("/oidc/session/end/confirm", { xsrf, logout: "yes" })
      assert.equal(status, 400)
    }
    assert.equal(await isSignedIn(browser), true)
  })

  it("somebody who stays signed in is: only the app that asked has its session ended", async () => {
    const { browser, tokens } = await codeFlow(auth, { scope: SCOPE })
    assert.ok((await silently(browser, CLIENTS.basic)).code)
    const params = { client_id: "web", post_logout_redirect_uri: SIGNED_OUT }
    const { end } = await signOut(browser, params, "GET", "stay")
    assert.equal(end.location, SIGNED_OUT)
    await me(auth, tokens.access_token).expect(401)
    assert.ok((await silently(browser, CLIENTS.basic)).code)
  })

  it("signing out where nobody is signed in ends well", async () => {
    const { end } = await signOut(openBrowser(auth), {
      client_id: "web",
      post_logout_redirect_uri: SIGNED_OUT,
    })
    assert.equal(end.location, SIGNED_OUT)
  })
})
