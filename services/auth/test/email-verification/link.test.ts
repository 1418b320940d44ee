import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { countMails, tokensFromMails } from "../support/mails.js"
import { me, newEmail, register } from "../support/people.js"
import { type AuthProcess, type Bundle, setup } from "../support/setup.js"

describe("email verification by an app", () => {
  let auth: Bundle
  let other: AuthProcess

  before(async () => {
    auth = await setup()
    other = await auth.another()
  })
  after(() => auth.stop())

  const open = ({ http }: AuthProcess, token: string) => http.get(`/v1/auth/verify-email/${token}`)
  const ask = (email: string) => auth.http.post("/v1/auth/verify-email").send({ email })

  async function newPerson() {
    const person = await register(auth)
    return { ...person, token: await auth.tokenFromMail("verify-email") }
  }

  it("verifies the address by the link's token", async () => {
    const { token, access_token, user } = await newPerson()
    assert.match(token, /^[\w-]{43}$/)
    const { body } = await open(auth, token).expect(200)

    assert.deepEqual(body, { message: "Email verified successfully" })
    assert.equal((await me(auth, access_token)).body.email_verified, true)
    const events = await auth.db.query(
      "select outcome from auth.audit_events where account_id = ? and event = 'email.verified'",
      [user.id],
    )
    assert.deepEqual(events, [{ outcome: "success" }])
  })

  // check 47
  it("takes a link once, of 16 parallel uses over two processes", async () => {
    const { token } = await newPerson()
    const answers = await race(16, (index) => open(index % 2 ? auth : other, token))
    const statuses = answers.map(({ status }) => status).sort()
    assert.deepEqual(statuses, [200, ...Array(15).fill(400)])
    const again = await open(other, token).expect(400)
    assert.equal(again.body.code, "email-verification.token-invalid")
  })

  it("refuses a link after a day", async () => {
    const { token, access_token } = await newPerson()
    await auth.db.elapse(86_400 - 30)
    const fresh = await newPerson()
    await auth.db.elapse(31)
    await open(auth, token).expect(400)
    await open(auth, fresh.token).expect(200)
    assert.equal((await me(auth, access_token)).body.email_verified, false)
  })

  // check 47
  it("refuses a link of an address that the account has no more", async () => {
    const { token, user } = await newPerson()
    await auth.db.query("update auth.accounts set email = ? where id = ?", [newEmail(), user.id])
    await open(auth, token).expect(400)
    const rows = await auth.db.query("select email_verified_at from auth.accounts where id = ?", [user.id])
    assert.deepEqual(rows, [{ email_verified_at: null }])
  })

  // check 47: neither kind of token opens the other's door.
  it("takes no token of another purpose, and gives none away", async () => {
    const { token, user, access_token, refresh_token } = await newPerson()
    await auth.http.post("/v1/auth/forgot-password").send({ email: user.email }).expect(200)
    const resetToken = await auth.tokenFromMail("reset-password")

    for (const wrong of [resetToken, refresh_token]) await open(auth, wrong).expect(400)
    const reset = { token, new_password: "a password of the thief" }
    await auth.http.post("/v1/auth/reset-password").send(reset).expect(400)
    await auth.http.post("/v1/auth/refresh").send({ refresh_token: token }).expect(401)
    assert.equal((await me(auth, access_token)).body.email_verified, false)
    await open(auth, token).expect(200)
  })

  it("stores no token", async () => {
    const { token } = await newPerson()
    const rows = await auth.db.query(
      `select 1 from auth.email_verifications v where v::text like :token
       union all select 1 from mail.messages m where m::text like :token`,
      { token: `%${token}%` },
    )
    assert.deepEqual(rows, [])
  })

  // check 24
  it("answers the same for every address, and sends only where there is something to verify", async () => {
    const verified = await newPerson()
    await open(auth, verified.token).expect(200)
    const unverified = await newPerson()
    const unknown = newEmail()
    const disabled = await newPerson()
    await auth.db.query("update auth.accounts set disabled_at = now() where id = ?", [disabled.user.id])

    const answers = new Set<string>()
    for (const email of [verified.user.email, unverified.user.email, unknown, disabled.user.email]) {
      const { status, text } = await ask(email.toUpperCase())
      answers.add(`${status} ${text}`)
    }
    assert.deepEqual(
      [...answers],
      ['200 {"message":"If the email exists, a verification link has been sent"}'],
    )
    const sent = (email: string) => countMails(auth, "verify-email", email)
    assert.deepEqual(
      await Promise.all([sent(verified.user.email), sent(unverified.user.email), sent(disabled.user.email)]),
      [1, 2, 1],
    )
    assert.equal(await sent(unknown), 0)
    const tokens = await tokensFromMails(auth, "verify-email", unverified.user.email)
    await open(auth, tokens.at(-1) ?? "").expect(200)
  })
})
