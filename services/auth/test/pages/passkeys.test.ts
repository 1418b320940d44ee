import assert from "node:assert/strict"
import { type RealBrowser, realBrowser, type WatchedPage } from "@gatepost/testkit"
import { CLIENTS, setupProvider } from "../oidc/support/apps.js"
import { startApp } from "../support/client-app.js"
import { authorization, claimsOf, exchangeCode } from "../support/relying-party.js"
import { codeOf, eventsOf, post, secured, signInFully, unuse, verified } from "../support/second-factors.js"
import { type Bundle, PUBLIC_URL } from "../support/setup.js"
import { go, signIn } from "./walk.js"

/** What an app's script does with the options that our API gives it. */
const CREATE = `async (options) => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options)
  return (await navigator.credentials.create({ publicKey })).toJSON()
}`

// check 100, check 101
describe("second factors and passkeys on the pages, in Chromium", function () {
  this.timeout(60_000)
  let auth: Bundle
  let app: Awaited<ReturnType<typeof startApp>>
  let browser: RealBrowser
  let watched: WatchedPage

  before(async function () {
    auth = await setupProvider()
    app = await startApp()
    browser = await realBrowser(this, { "localhost:8000": auth.url, "localhost:5173": app.url })
  })
  after(async () => {
    await browser?.close()
    await app?.stop()
    await auth?.stop()
  })
  beforeEach(async () => {
    watched = await browser.open()
  })
  afterEach(() => watched?.close())

  /** An authenticator in the page's browser, that verifies its person. */
  async function withAuthenticator() {
    const session = await watched.page.context().newCDPSession(watched.page)
    await session.send("WebAuthn.enable")
    const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    return {
      verifies: (isUserVerified: boolean) =>
        session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
    }
  }

  async function addPasskey(token: string): Promise<void> {
    await watched.page.goto(`${PUBLIC_URL}/forgot-password`)
    const { body } = await post(auth, "/users/me/passkey-options", token).expect(200)
    const credential = await watched.page.evaluate(`(${CREATE})(${JSON.stringify(body.public_key)})`)
    await post(auth, "/users/me/passkeys", token, { credential: credential as object }).expect(201)
  }

  const request = (params: Record<string, string> = {}) =>
    authorization({ ...CLIENTS.web, scope: "openid", prompt: "login", ...params })
  const title = () => watched.page.textContent("h1")
  const arrived = () => watched.page.waitForURL(/^http:\/\/localhost:5173\/.*[?&]code=/)

  /** What the app's tokens say of the sign-in that has just led back to it. */
  async function arrivedAs(of: ReturnType<typeof request>) {
    await arrived()
    const { body } = await exchangeCode(auth, of, watched.page.url()).expect(200)
    const { acr, amr, sub } = claimsOf(body.id_token)
    return { acr, amr, sub }
  }

  it("a code from an app: a wrong one, the right one, and not again on a remembered device", async () => {
    const person = await secured(auth)
    const { page } = watched
    const first = request()
    await page.goto(PUBLIC_URL + first.path)
    await signIn(watched, person.email)
    assert.equal(await title(), "One more proof")
    await page.waitForSelector("#code:focus")
    await page.fill("#code", "ABCD-EFGH")
    await go(watched)
    assert.match((await page.textContent('[role="alert"]')) ?? "", /^This code is wrong/)
    await page.fill("#code", codeOf(person.secret))
    await page.check('input[name="remember"]')
    await go(watched)
    const sub = person.user.id
    assert.deepEqual(await arrivedAs(first), { acr: "aal2", amr: ["pwd", "otp", "mfa"], sub })

    const second = request()
    await page.goto(PUBLIC_URL + second.path)
    await signIn(watched, person.email)
    assert.deepEqual(await arrivedAs(second), { acr: "aal1", amr: ["pwd"], sub })

    // RFC 9470: an app that needs the second factor gets it, remembered or not, signed in or not.
    const third = request({ prompt: "", acr_values: "aal2" })
    await page.goto(PUBLIC_URL + third.path)
    await signIn(watched, person.email)
    await unuse(auth, sub)
    await page.fill("#code", codeOf(person.secret))
    await go(watched)
    assert.equal((await arrivedAs(third)).acr, "aal2")
    await page.goto(PUBLIC_URL + request({ prompt: "", acr_values: "aal2" }).path)
    await arrived()
    assert.deepEqual(watched.complaints, [])
  })

  it("a recovery code, and a sign-in that had too many wrong codes begins anew", async () => {
    const { email, recovery_codes } = await secured(auth)
    const { page } = watched
    const first = request()
    await page.goto(PUBLIC_URL + first.path)
    await signIn(watched, email)
    await page.fill("#code", recovery_codes[0] ?? "")
    await go(watched)
    assert.equal((await arrivedAs(first)).acr, "aal2")

    await page.goto(PUBLIC_URL + request().path)
    await signIn(watched, email)
    for (let index = 0; index < 6; index++) {
      await page.fill("#code", "ABCD-EFGH")
      await go(watched)
    }
    assert.match((await page.textContent('[role="alert"]')) ?? "", /^That took too long/)
    assert.equal(await title(), "Sign in to WEB")
  })

  it("a passkey in place of name and password, without a word typed", async () => {
    await withAuthenticator()
    const { access_token, user } = await verified(auth)
    await addPasskey(access_token)
    const { page } = watched
    const first = request()
    await page.goto(PUBLIC_URL + first.path)
    await page.click('form[action$="/passkey"] button')
    const { acr, amr, sub } = await arrivedAs(first)
    assert.deepEqual([acr, amr, sub], ["aal2", ["hwk", "user", "mfa"], user.id])
    assert.deepEqual(watched.complaints, [])
  })

  it("a passkey after a password, once its person is verified", async () => {
    const authenticator = await withAuthenticator()
    const person = await secured(auth)
    await addPasskey((await signInFully(auth, person)).access_token)
    const { page } = watched
    const first = request()
    await page.goto(PUBLIC_URL + first.path)
    await signIn(watched, person.email)
    await authenticator.verifies(false)
    await page.click('form[action$="/second-factor/passkey"] button')
    await page.waitForSelector("#fault:not([hidden])")
    await authenticator.verifies(true)
    await page.click("#passkey button")
    const { acr, amr } = await arrivedAs(first)
    assert.deepEqual([acr, amr], ["aal2", ["pwd", "hwk", "user", "mfa"]])
    assert.deepEqual(watched.complaints, [])
  })

  it("the account's own page: codes and a passkey set up, used, renamed and deleted, all turned off", async () => {
    await withAuthenticator()
    const { email, user } = await verified(auth)
    const { page } = watched
    const click = (form: string) => go(watched, `form[action="/account/${form}"] button`)
    const headings = () => page.locator("h1, h2").allTextContents()

    await page.goto(`${PUBLIC_URL}/account/factors`)
    await signIn(watched, email, "not the password")
    assert.equal(await page.textContent('[role="alert"]'), "Invalid email or password.")
    await signIn(watched, email)
    await click("totp")
    assert.equal(await page.evaluate("document.images[0].naturalWidth > 0"), true)
    const secret = ((await page.textContent(".key")) ?? "").replaceAll(" ", "")
    await page.fill("#code", codeOf(secret))
    await go(watched)
    const codes = await page.locator("li").allTextContents()
    assert.equal(codes.length, 10)
    await page.goto(`${PUBLIC_URL}/account/factors`)
    assert.deepEqual(await headings(), [
      "Two-step sign-in and passkeys",
      "Codes from an app",
      "Recovery codes",
      "Passkeys",
    ])

    await page.click('form[action="/account/passkeys/new"] button')
    await page.waitForURL(`${PUBLIC_URL}/account/factors`)
    await page.fill('input[name="name"]', "My laptop")
    await go(watched, 'form[action$="/rename"] button')
    assert.equal(await page.inputValue('input[name="name"]'), "My laptop")
    await page.goto(`${PUBLIC_URL}/account`)
    await click("sign-out")
    assert.equal(await title(), "You are signed out")

    await page.goto(`${PUBLIC_URL}/account/factors`)
    await page.click('form[action="/account/passkey"] button')
    await page.waitForSelector('input[name="name"]')
    await page.goto(`${PUBLIC_URL}/account`)
    await click("sign-out")
    await page.goto(`${PUBLIC_URL}/account/factors`)
    await signIn(watched, email)
    assert.equal(await title(), "One more proof")
    await page.fill("#code", codes[0] ?? "")
    await go(watched)
    assert.match((await page.textContent("main")) ?? "", /9 left\./)
    await go(watched, 'form[action$="/delete"] button')
    await click("totp/disable")
    assert.deepEqual(await headings(), ["Two-step sign-in and passkeys", "Codes from an app", "Passkeys"])

    const cookies = await page.context().cookies()
    assert.ok(cookies.some(({ name, httpOnly }) => name === "_account" && httpOnly))
    const rows = await auth.db.query<{ kind: string }>(
      "select change.kind from mail.messages change where recipient = ? and kind = 'second-factor-changed'",
      [email],
    )
    assert.equal(rows.length, 5)
    assert.ok((await eventsOf(auth, user.id)).includes("passkey.renamed"))
    assert.deepEqual(watched.complaints, [])
  })

  it("without JavaScript there are codes, and a word about passkeys", async () => {
    await watched.close()
    watched = await browser.open({ javaScriptEnabled: false, locale: "de-DE" })
    const person = await secured(auth)
    const first = request()
    await watched.page.goto(PUBLIC_URL + first.path)
    await go(watched, 'form[action$="/passkey"] button')
    assert.match((await watched.page.textContent("noscript, main")) ?? "", /Passkeys brauchen JavaScript/)
    await go(watched, "nav a")
    await signIn(watched, person.email)
    assert.equal(await title(), "Noch ein Nachweis")
    await watched.page.fill("#code", codeOf(person.secret))
    await go(watched)
    assert.equal((await arrivedAs(first)).acr, "aal2")
  })
})
