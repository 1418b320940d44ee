import assert from "node:assert/strict"
import {
  atSignIn,
  byIdToken,
  pathOf,
  type SocialBundle,
  setupSocial,
  signedIn,
  toProvider,
} from "../social/support/setup.js"
import { codesFromMails } from "../support/mails.js"
import { newEmail } from "../support/people.js"
import {
  type Answer,
  type Authorization,
  type Browser,
  claimsOf,
  exchangeCode,
} from "../support/relying-party.js"
import { answer, codeOf, post, unuse } from "../support/second-factors.js"

// checks 58 and 101
describe("a second factor is asked for at every door", () => {
  let auth: SocialBundle
  const email = newEmail()
  let person: { id: string; secret: string }

  /** Somebody without a password, who turned codes on. */
  before(async () => {
    auth = await setupSocial()
    auth.google.person = { sub: "g-1", email, email_verified: true }
    const { access_token, user } = await signedIn(auth, auth.google, {
      sub: "g-1",
      email,
      email_verified: true,
    })
    const { secret } = (await post(auth, "/users/me/mfa/totp", access_token).expect(200)).body
    await post(auth, "/users/me/mfa/totp/confirm", access_token, { code: codeOf(secret) }).expect(200)
    person = { id: user.id, secret }
  })
  after(() => auth.stop())
  beforeEach(() => unuse(auth, person.id))

  const code = () => codeOf(person.secret)

  async function finishes(refused: { status: number; body: { code: string; mfa: { challenge: string } } }) {
    assert.deepEqual([refused.status, refused.body.code], [403, "mfa.required"])
    const { body } = await answer(auth, refused.body.mfa.challenge, { code: code() }).expect(200)
    assert.equal(body.user.id, person.id)
    return claimsOf(body.access_token).amr
  }
  async function finishesOnPage(browser: Browser, request: Authorization, page: Answer) {
    assert.match(page.text, /One more proof/)
    const action = /action="(\/interaction\/[^"]+\/second-factor)"/.exec(page.text)?.[1] ?? ""
    const challenge = /name="challenge" value="([^"]+)"/.exec(page.text)?.[1] ?? ""
    const end = await browser.follow(await browser.post(action, { challenge, code: code() }))
    const tokens = (await exchangeCode(auth, request, end.location ?? "")).body
    const claims = claimsOf(tokens.access_token)
    assert.deepEqual([claims.sub, claims.acr], [person.id, "aal2"])
    return claims.amr
  }

  it("an ID token of a provider", async () => {
    const refused = await byIdToken(auth, auth.google, { sub: "g-1", email, email_verified: true })
    assert.deepEqual(await finishes(refused), ["fed", "otp", "mfa"])
  })

  it("a provider's page", async () => {
    const { browser, request, page } = await atSignIn(auth)
    const back = await toProvider(browser, page, "google")
    const second = await browser.follow(await browser.get(pathOf(back)))
    assert.deepEqual(await finishesOnPage(browser, request, second), ["fed", "otp", "mfa"])
  })

  it("a mail's code in an app, which is used up by then", async () => {
    const { body } = await post(auth, "/auth/sign-in-link", undefined, { email }).expect(200)
    const otp = (await codesFromMails(auth, "sign-in-link", email)).at(-1)
    const proof = { request_token: body.request_token, otp }
    const refused = await post(auth, "/auth/sign-in-link/confirm", undefined, proof)
    assert.deepEqual(await finishes(refused), ["otp", "mfa"])
    await post(auth, "/auth/sign-in-link/confirm", undefined, proof).expect(400)
  })

  it("a mail's code on the pages", async () => {
    const { browser, request, page } = await atSignIn(auth)
    const path = /href="(\/interaction\/[^"]+\/sign-in-link)"/.exec(page.text)?.[1] ?? ""
    await auth.db.elapse(61)
    await browser.post(path, { email })
    const otp = (await codesFromMails(auth, "sign-in-link", email)).at(-1) ?? ""
    const second = await browser.post(`${path}/code`, { otp })
    assert.deepEqual(await finishesOnPage(browser, request, second), ["otp", "mfa"])
  })

  it("and no token is half of one: what was signed in before is signed in no more", async () => {
    const rows = await auth.db.query<{ amr: string[] }>(
      "select amr from auth.sessions where account_id = ? and revoked_at is null",
      [person.id],
    )
    assert.ok(rows.length > 0 && rows.every(({ amr }) => amr.includes("mfa")))
  })
})
