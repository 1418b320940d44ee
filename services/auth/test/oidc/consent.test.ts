import assert from "node:assert/strict"
import { me, newEmail, PASSWORD, register } from "../support/people.js"
import { authorization, type Browser, claimsOf, exchangeCode, openBrowser } from "../support/relying-party.js"
import { type Bundle, PUBLIC_URL } from "../support/setup.js"
import { CLIENTS, setupProvider } from "./support/apps.js"
import { goThrough, open, silently } from "./support/flows.js"

const { partner, native, web } = CLIENTS

// check 91
describe("consent", () => {
  let auth: Bundle
  let browser: Browser
  let email: string
  let userId: string

  before(async () => {
    auth = await setupProvider()
  })
  after(() => auth.stop())

  beforeEach(async () => {
    email = newEmail()
    userId = (await register(auth, email, "Kim Lee")).user.id
    browser = openBrowser(auth)
  })

  const ask = (params: Record<string, string> = {}) =>
    authorization({ ...partner, scope: "openid email", ...params })

  /** Comes to the consent page: signed in, nothing granted. */
  async function comeToConsent(request: ReturnType<typeof ask>) {
    const page = await open(browser, request)
    return browser.follow(await browser.post(`${page.path}/login`, { email, password: PASSWORD }))
  }

  const told = async (accessToken: string) =>
    (await auth.http.get("/oidc/me").set("Authorization", `Bearer ${accessToken}`).expect(200)).body

  it("is asked for by somebody else's app, says who asks for what, and gives that", async () => {
    const request = ask({ scope: "openid email offline_access", prompt: "consent" })
    const page = await comeToConsent(request)
    assert.match(page.text, /<h1>Continue to Partner &amp; Söhne\?<\/h1>/)
    assert.ok(page.text.includes(email))
    const items = [...page.text.matchAll(/<li>([^<]+)<\/li>/g)].map(([, item]) => item)
    assert.deepEqual(items, [
      "know who you are",
      "see your email address",
      "stay signed in when you are away",
    ])

    const back = await browser.follow(await browser.post(`${page.path}/consent`, {}))
    const { body } = await exchangeCode(auth, request, back.location ?? "").expect(200)
    assert.deepEqual(await told(body.access_token), { sub: userId, email, email_verified: false })
    assert.ok(body.refresh_token)
  })

  it("is never given without being asked, also by somebody who is signed in", async () => {
    const { error } = await silently(browser, web)
    assert.equal(error, "login_required")
    await goThrough(browser, await open(browser, authorization({ ...web, scope: "openid" })), email)
    assert.equal((await silently(browser, partner)).error, "consent_required")
    const page = await open(browser, ask())
    assert.match(page.text, /Continue to Partner/)
    assert.equal((await silently(browser, partner)).error, "consent_required")
  })

  it("is remembered for what was agreed to, and asked again for more", async () => {
    await goThrough(browser, await open(browser, ask()), email)
    assert.ok((await silently(browser, partner, { scope: "openid email" })).code)
    assert.equal(
      (await silently(browser, partner, { scope: "openid email profile" })).error,
      "consent_required",
    )
    const more = ask({ scope: "openid email profile" })
    const back = await goThrough(browser, await open(browser, more), email)
    const { body } = await exchangeCode(auth, more, back.location ?? "").expect(200)
    assert.equal((await told(body.access_token)).name, "Kim Lee")
  })

  it("is refused by one click, which gives the app an error and nothing else", async () => {
    const page = await comeToConsent(ask({ state: "s1" }))
    const back = await browser.follow(await browser.post(`${page.path}/abort`, {}))
    const answer = new URL(back.location ?? "").searchParams
    assert.deepEqual(
      [answer.get("error"), answer.get("state"), answer.get("code")],
      ["access_denied", "s1", null],
    )
    assert.equal((await silently(browser, partner)).error, "consent_required")
    const rows = await auth.db.query(
      "select 1 from auth.sessions where account_id = ? and client_id = 'partner'",
      [userId],
    )
    assert.equal(rows.length, 0)
  })

  it("can't be given by a form before somebody has signed in", async () => {
    for (const request of [ask(), authorization({ ...web, scope: "openid", prompt: "login consent" })]) {
      const page = await open(browser, request)
      const early = await browser.follow(await browser.post(`${page.path}/consent`, {}))
      assert.match(early.text, /type="password"/)
      const later = await browser.follow(
        await browser.post(`${early.path}/login`, { email, password: PASSWORD }),
      )
      assert.match(later.text, /<h1>Continue to/)
    }
  })

  it("names what an app may do at our API only where the app asks for our API", async () => {
    const without = await comeToConsent(ask({ scope: "openid account" }))
    assert.doesNotMatch(without.text, /change your account/)
    const request = ask({ scope: "openid account", resource: PUBLIC_URL })
    const page = await open(browser, request)
    assert.match(page.text, /<li>read and change your account<\/li>/)
    const back = await goThrough(browser, page, email)
    const { body } = await exchangeCode(auth, request, back.location ?? "").expect(200)
    await me(auth, body.access_token).expect(200)
  })

  // DESIGN.md D5: a token for our API has the address in it, so the page says so.
  it("for no address gives none, at userinfo or in the ID token; who asks for our API is said to see it", async () => {
    const plain = ask({ scope: "openid" })
    const first = await goThrough(browser, await open(browser, plain), email)
    const { body } = await exchangeCode(auth, plain, first.location ?? "").expect(200)
    assert.deepEqual(await told(body.access_token), { sub: userId })
    assert.ok(!("email" in claimsOf(body.id_token)))
    const page = await open(browser, ask({ scope: "openid notifications:read", resource: PUBLIC_URL }))
    assert.match(page.text, /<li>see your email address<\/li>/)
  })

  it("ends with its session in the list, and the next visit begins with a sign-in", async () => {
    await goThrough(browser, await open(browser, ask()), email)
    const { body } = await auth.http.post("/v1/auth/login").send({ email, password: PASSWORD })
    const bearer = { Authorization: `Bearer ${body.access_token}` }
    const list = await auth.http.get("/v1/auth/sessions").set(bearer).expect(200)
    const theirs = list.body.items.find(
      (item: { app: { client_id: string } }) => item.app.client_id === "partner",
    )
    assert.equal(theirs.app.name, "Partner & Söhne")
    await auth.http.delete(`/v1/auth/sessions/${theirs.id}`).set(bearer).expect(200)
    assert.equal((await silently(browser, partner, { scope: "openid email" })).error, "login_required")
    const page = await comeToConsent(ask())
    assert.match(page.text, /Continue to Partner/)
  })

  // RFC 8252 section 8.6
  it("is not asked for by our own app, but a native one opens nothing without a click", async () => {
    const request = authorization({ ...native, scope: "openid" })
    const page = await open(browser, request)
    const back = await browser.follow(await browser.post(`${page.path}/login`, { email, password: PASSWORD }))
    assert.ok(back.location?.startsWith(native.redirectUri), "signing in was the click")
    assert.equal((await silently(browser, native)).error, "interaction_required")
    const again = await open(browser, authorization({ ...native, scope: "openid" }))
    assert.match(again.text, /Continue to NATIVE\?/)
    const second = await browser.follow(await browser.post(`${again.path}/consent`, {}))
    assert.ok(second.location?.startsWith(native.redirectUri))
  })

  it("speaks German to those who do", async () => {
    const page = await comeToConsent(ask({ ui_locales: "fr de-AT" }))
    assert.match(page.text, /<html lang="de">/)
    assert.match(page.text, /Weiter zu Partner &amp; Söhne\?/)
  })
})
