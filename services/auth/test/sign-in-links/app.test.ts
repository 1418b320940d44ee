import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { setupProvider } from "../oidc/support/apps.js"
import { codesFromMails, countMails, tokensFromMails, wrong } from "../support/mails.js"
import { logIn, me, newEmail, refresh, register } from "../support/people.js"
import { claimsOf } from "../support/relying-party.js"
import { type AuthProcess, type Bundle, TOKEN } from "../support/setup.js"

describe("sign-in by a mail, in an app", () => {
  let auth: Bundle
  let other: AuthProcess

  before(async () => {
    auth = await setupProvider()
    other = await auth.another()
  })
  after(() => auth.stop())

  const ask = (email: string, prefix = "/v1") => auth.http.post(`${prefix}/auth/sign-in-link`).send({ email })
  const confirm = (body: Record<string, string>, at: AuthProcess = auth) =>
    at.http.post("/v1/auth/sign-in-link/confirm").send(body)
  const newest = async (email: string) => ({
    token: (await tokensFromMails(auth, "sign-in-link", email)).at(-1) ?? "",
    otp: (await codesFromMails(auth, "sign-in-link", email)).at(-1) ?? "",
  })

  /** Somebody whose address is proved, and a mail that they asked for. */
  async function asked() {
    const email = newEmail()
    const person = await register(auth, email)
    await auth.db.query("update auth.accounts set email_verified_at = now() where id = ?", [person.user.id])
    const { request_token } = (await ask(email).expect(200)).body as { request_token: string }
    return { email, person, request_token, ...(await newest(email)) }
  }

  it("signs in by the link, or by the code, where it was asked for; other sessions and the password stay", async () => {
    const one = await asked()
    const { body } = await confirm({ request_token: one.request_token, token: one.token }).expect(200)
    assert.equal(body.user.id, one.person.user.id)
    assert.deepEqual(claimsOf(body.access_token).amr, ["otp"])
    await refresh(auth, body.refresh_token).expect(200)

    const two = await asked()
    assert.match(two.otp, /^\d{8}$/)
    await confirm({ request_token: two.request_token, otp: two.otp }).expect(200)
    await me(auth, two.person.access_token).expect(200)
    await logIn(auth, two.email).expect(200)
  })

  // check 47
  it("is good once, by link and code together, of 16 at the same time over two processes", async () => {
    const { request_token, token, otp } = await asked()
    const answers = await race(16, (index) =>
      confirm({ request_token, ...(index % 4 < 2 ? { token } : { otp }) }, index % 2 ? auth : other),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    await confirm({ request_token, token }).expect(400)
    await confirm({ request_token, otp }).expect(400)
  })

  it("is worth nothing without what the asking device holds, whoever has the mail", async () => {
    const mine = await asked()
    const theirs = await asked()
    const elsewhere = (await ask(newEmail())).body.request_token
    for (const request_token of [theirs.request_token, elsewhere, "x".repeat(43)]) {
      for (const proof of [{ token: mine.token }, { otp: mine.otp }]) {
        const { status, body } = await confirm({ request_token, ...proof } as Record<string, string>)
        assert.deepEqual([status, body.code], [400, "sign-in-link.invalid"])
      }
    }
    await confirm({ request_token: mine.request_token, token: mine.token }).expect(200)
  })

  // check 47
  it("knows the code of its own mail alone: one that came for a later request is no proof for an earlier one", async () => {
    const { email, request_token: earlier } = await asked()
    await auth.db.query("update auth.sign_in_links set created_at = created_at - interval '2 minutes'")
    const { body } = await ask(email).expect(200)
    const { otp } = await newest(email)
    for (let attempt = 0; attempt < 6; attempt++) await confirm({ request_token: earlier, otp }).expect(400)
    await confirm({ request_token: body.request_token, otp }).expect(200)
  })

  // check 48
  it("counts wrong codes before it compares: the fifth is the last, and the link goes on", async () => {
    const { request_token, otp, token } = await asked()
    await race(16, () => confirm({ request_token, otp: wrong(otp) }).expect(400))
    await confirm({ request_token, otp }).expect(400)
    await confirm({ request_token, token }).expect(200)
  })

  // check 54
  it("is over after ten minutes, after a reset, and with the address it went to", async () => {
    const late = await asked()
    const reset = await asked()
    const moved = await asked()
    await auth.http.post("/v1/auth/forgot-password").send({ email: reset.email }).expect(200)
    const resetToken = (await tokensFromMails(auth, "reset-password", reset.email))[0]
    await auth.http
      .post("/v1/auth/reset-password")
      .send({ token: resetToken, new_password: "quite another one" })
      .expect(200)
    await confirm({ request_token: reset.request_token, token: reset.token }).expect(400)
    await confirm({ request_token: reset.request_token, otp: reset.otp }).expect(400)
    await auth.db.query("update auth.accounts set email = ? where id = ?", [newEmail(), moved.person.user.id])
    await confirm({ request_token: moved.request_token, token: moved.token }).expect(400)
    await auth.db.elapse(601)
    await confirm({ request_token: late.request_token, token: late.token }).expect(400)
    await confirm({ request_token: late.request_token, otp: late.otp }).expect(400)
  })

  // check 28
  it("gives an account that nobody had proved to who reads its mail, and to nobody else", async () => {
    const email = newEmail()
    const attacker = await register(auth, email)
    const { request_token } = (await ask(email)).body
    const { token } = await newest(email)
    const { body } = await confirm({ request_token, token }).expect(200)
    assert.deepEqual([body.user.id, body.user.email_verified], [attacker.user.id, true])
    await me(auth, body.access_token).expect(200)
    await me(auth, attacker.access_token).expect(401)
    await refresh(auth, attacker.refresh_token).expect(401)
    await logIn(auth, email).expect(401)
  })

  // checks 24 and 41
  it("answers the same for every address, and sends nothing to who may not sign in", async () => {
    const { email } = await asked()
    const disabled = await register(auth)
    await auth.db.query("update auth.accounts set disabled_at = now() where id = ?", [disabled.user.id])
    const unknown = newEmail()
    for (const address of [email, disabled.user.email, unknown]) {
      for (const prefix of ["/v1", "/api/v1", ""]) {
        const { status, body } = await ask(address, prefix)
        assert.equal(status, 200)
        assert.deepEqual(Object.keys(body).sort(), ["message", "request_token"])
        assert.match(body.request_token, new RegExp(`^${TOKEN.source}$`))
        const answer = await confirm({ request_token: body.request_token, otp: "00000000" })
        assert.deepEqual([answer.status, answer.body.code], [400, "sign-in-link.invalid"])
      }
    }
    assert.equal(await countMails(auth, "sign-in-link", disabled.user.email), 0)
    assert.equal(await countMails(auth, "sign-in-link", unknown), 0)
  })

  it("stores neither half, and takes no mail of another kind", async () => {
    const { email, request_token, token, otp } = await asked()
    for (const secret of [request_token, token, otp]) {
      const rows = await auth.db.query(
        `select 1 from auth.sign_in_links l where position(:text in cast(l as text)) > 0
         union all select 1 from auth.one_time_codes c where position(:text in cast(c as text)) > 0
         union all select 1 from mail.messages m where position(:text in cast(m as text)) > 0`,
        { text: secret },
      )
      assert.deepEqual(rows, [])
    }
    await auth.http.post("/v1/auth/forgot-password").send({ email }).expect(200)
    const [resetToken = ""] = await tokensFromMails(auth, "reset-password", email)
    const [resetCode = ""] = await codesFromMails(auth, "reset-password", email)
    await confirm({ request_token, token: resetToken }).expect(400)
    await confirm({ request_token, otp: resetCode }).expect(400)
    const reset = { token, new_password: "quite another one" }
    await auth.http.post("/v1/auth/reset-password").send(reset).expect(400)
    await auth.http
      .post("/v1/auth/reset-password")
      .send({ email, otp, new_password: reset.new_password })
      .expect(400)
  })

  it("sends one a minute and three an hour, whoever asks", async () => {
    const limited = await auth.another({ RATE_LIMITS: "on" })
    const { user } = await register(auth)
    const askLimited = () =>
      limited.http.post("/v1/auth/sign-in-link").send({ email: user.email }).expect(200)
    const sent = () => countMails(auth, "sign-in-link", user.email)
    await askLimited()
    await askLimited()
    assert.equal(await sent(), 1)
    for (let mail = 2; mail <= 5; mail++) {
      await auth.db.elapse(61)
      await askLimited()
    }
    assert.equal(await sent(), 3)
  })
})
