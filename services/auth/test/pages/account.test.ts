import assert from "node:assert/strict"
import { PASSWORD } from "../support/people.js"
import { openBrowser } from "../support/relying-party.js"
import { codeOf, post, secured, verified } from "../support/second-factors.js"
import { type Bundle, PUBLIC_URL, setup } from "../support/setup.js"

const FORMS = ["totp", "totp/confirm", "totp/disable", "recovery-codes", "passkeys/new", "passkeys"]

describe("the account's own page", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  async function visiting(email: string) {
    const browser = openBrowser(auth)
    const answer = await browser.post("/account/sign-in", { email, password: PASSWORD })
    return { browser, answer }
  }

  // check 91
  it("does nothing for who is not signed in, or sends its forms from elsewhere", async () => {
    const { email, user } = await verified(auth)
    const { browser } = await visiting(email)
    for (const form of FORMS) {
      const elsewhere = await browser.post(`/account/${form}`, {}, { Origin: "https://evil.example" })
      assert.equal(elsewhere.status, 403)
      const stranger = await openBrowser(auth).post(`/account/${form}`, {})
      assert.match(stranger.text, /name="password"/)
    }
    const factors = await auth.db.query("select from auth.totp_factors where account_id = ?", [user.id])
    assert.deepEqual(factors, [])
  })

  it("asks for a second factor on every visit, and for a fresh sign-in where something changes", async () => {
    const person = await secured(auth)
    const { browser, answer } = await visiting(person.email)
    assert.match((await browser.get("/account")).text, /name="password"/)
    const challenge = /name="challenge" value="([^"]+)"/.exec(answer.text)?.[1] ?? ""
    const done = await browser.post("/account/second-factor", { challenge, code: codeOf(person.secret) })
    assert.equal(done.location, "/account")
    const page = await browser.get("/account")
    assert.ok(page.text.includes(person.email) && !page.text.includes(person.secret))
    assert.match(String(page.headers.get("content-security-policy")), /img-src 'self';/)

    // A token that is still good, of a sign-in that is six minutes old.
    await auth.db.query(
      "update auth.sessions set authenticated_at = authenticated_at - interval '6 minutes' where account_id = ?",
      [person.user.id],
    )
    const stale = await post(auth, "/auth/refresh", undefined, { refresh_token: person.refresh_token })
    const old = { Cookie: `_account=${stale.body.access_token}`, Origin: PUBLIC_URL }
    const kept = openBrowser(auth)
    const refused = await kept.post("/account/totp/disable", {}, old)
    assert.match(refused.text, /Please prove once more/)
    const [row] = await auth.db.query("select from auth.totp_factors where account_id = ?", [person.user.id])
    assert.ok(row)
  })

  it("refuses what is not there, nobody's name, and who has not verified their email, in words", async () => {
    const { email, user } = await verified(auth)
    const { browser } = await visiting(email)
    for (const id of ["nothing", user.id]) {
      assert.equal((await browser.post(`/account/passkeys/${id}/delete`, {})).status, 404)
    }
    assert.equal((await browser.post(`/account/passkeys/${user.id}/rename`, { name: "\u202e" })).status, 400)
    assert.equal((await browser.post("/account/totp/confirm", { code: "123456" })).status, 409)
    await auth.db.query("update auth.accounts set email_verified_at = null where id = ?", [user.id])
    const answer = await browser.post("/account/totp", {})
    assert.match(answer.text, /confirm your email first/)
    await browser.post("/account/sign-out", {})
    assert.match((await browser.get("/account")).text, /name="password"/)
  })
})
