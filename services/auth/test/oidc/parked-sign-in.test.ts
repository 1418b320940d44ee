import assert from "node:assert/strict"
import { untilWaiting, withLockedTable } from "../support/locks.js"
import { tokensFromMails } from "../support/mails.js"
import { me, newEmail, PASSWORD, register } from "../support/people.js"
import { authorization, type Browser, exchangeCode, openBrowser } from "../support/relying-party.js"
import type { Bundle } from "../support/setup.js"
import { CLIENTS, setupProvider } from "./support/apps.js"
import { goThrough, open, silently } from "./support/flows.js"

const { web, partner } = CLIENTS
const NEW_PASSWORD = "quite another passphrase"

// check 54: a sign-in counts from when its password was proved, not from when the browser goes on.
describe("a sign-in whose browser goes on later", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider()
  })
  after(() => auth.stop())

  /** Proves the password, or makes the account, and stops at the redirect that would sign in. */
  async function park(form: "login" | "register", client: typeof web | typeof partner, email: string) {
    const browser = openBrowser(auth)
    const request = authorization({ ...client, scope: "openid account" })
    const page = await open(browser, request)
    const parked = await browser.post(`${page.path}/${form}`, { email, password: PASSWORD })
    assert.equal(parked.status, 303, parked.text)
    return { browser, request, goOn: () => browser.follow(parked) }
  }

  async function resetPassword(email: string) {
    await auth.http.post("/v1/auth/forgot-password").send({ email }).expect(200)
    const [token] = await tokensFromMails(auth, "reset-password", email)
    return auth.http.post("/v1/auth/reset-password").send({ token, new_password: NEW_PASSWORD }).expect(200)
  }

  async function endAllSessions(email: string) {
    const { body } = await auth.http.post("/v1/auth/login").send({ email, password: PASSWORD }).expect(200)
    const bearer = { Authorization: `Bearer ${body.access_token}` }
    return auth.http.delete("/v1/auth/sessions").set(bearer).expect(200)
  }

  const isSignedIn = async (browser: Browser) => (await silently(browser, web)).error === null

  for (const [what, end] of [
    ["a password reset", resetPassword],
    ["the end of all sessions", endAllSessions],
  ] as const) {
    for (const client of [web, partner]) {
      it(`is asked again after ${what}, on the way to ${client.clientId}`, async () => {
        const email = newEmail()
        await register(auth, email)
        const { browser, goOn } = await park("login", client, email)
        await end(email)

        const page = await goOn()
        assert.match(page.text, /type="password"/)
        assert.equal(await isSignedIn(browser), false)

        const password = end === resetPassword ? NEW_PASSWORD : PASSWORD
        const answer = await browser.follow(await browser.post(`${page.path}/login`, { email, password }))
        const back = await goThrough(browser, answer, email)
        assert.ok(back.location?.includes("code="), back.text)
        assert.equal(await isSignedIn(browser), true)
      })
    }
  }

  it("is asked again where it began with making the account", async () => {
    const email = newEmail()
    const { browser, goOn } = await park("register", web, email)
    await resetPassword(email)
    assert.match((await goOn()).text, /type="password"/)
    assert.equal(await isSignedIn(browser), false)
  })

  it("is one all the same where nothing happened meanwhile, and at once after a reset", async () => {
    const email = newEmail()
    await register(auth, email)
    await resetPassword(email)
    const browser = openBrowser(auth)
    const request = authorization({ ...web, scope: "openid account" })
    const page = await open(browser, request)
    const form = { email, password: NEW_PASSWORD }
    const back = await browser.follow(await browser.post(`${page.path}/login`, form))
    const { body } = await exchangeCode(auth, request, back.location ?? "").expect(200)
    await me(auth, body.access_token).expect(200)
    assert.equal(await isSignedIn(browser), true)
  })

  it("proves nothing by an old password that is compared while the reset goes on", async () => {
    const email = newEmail()
    await register(auth, email)
    const browser = openBrowser(auth)
    const page = await open(browser, authorization({ ...web, scope: "openid account" }))
    await auth.http.post("/v1/auth/forgot-password").send({ email }).expect(200)
    const [token] = await tokensFromMails(auth, "reset-password", email)

    // The reset has the account, and waits for this table to tell of it by mail.
    const [reset, answer] = await withLockedTable(auth.db, "mail.messages", async (release) => {
      const resetting = auth.http
        .post("/v1/auth/reset-password")
        .send({ token, new_password: NEW_PASSWORD })
        .then((done) => done)
      await untilWaiting(auth.db, 1)
      const signingIn = browser.post(`${page.path}/login`, { email, password: PASSWORD })
      await Promise.race([untilWaiting(auth.db, 2), signingIn])
      release()
      return Promise.all([resetting, signingIn])
    })
    assert.equal(reset.status, 200)
    assert.equal(answer.status, 401)
  })
})
