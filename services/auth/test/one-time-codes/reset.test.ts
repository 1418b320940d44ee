import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { codesFromMails, countMails, tokensFromMails, wrong } from "../support/mails.js"
import { logIn, me, PASSWORD, refresh, register } from "../support/people.js"
import { type AuthProcess, type Bundle, setup } from "../support/setup.js"

const NEW_PASSWORD = "quite another password"

describe("a reset by a code", () => {
  let auth: Bundle
  let other: AuthProcess

  before(async () => {
    auth = await setup()
    other = await auth.another()
  })
  after(() => auth.stop())

  const forget = (email: string) => auth.http.post("/v1/auth/forgot-password").send({ email }).expect(200)
  const reset = ({ http }: AuthProcess, email: string, otp: string, new_password = NEW_PASSWORD) =>
    http.post("/v1/auth/reset-password").send({ email, otp, new_password })
  const verify = (email: string, otp: string) => auth.http.post("/v1/auth/verify-otp").send({ email, otp })

  async function forgetful() {
    const person = await register(auth)
    const { email } = person.user
    await forget(email)
    const [code = ""] = await codesFromMails(auth, "reset-password", email)
    return { ...person, email, code }
  }

  it("takes the eight digits of a reset mail, and ends whatever the old password had opened", async () => {
    const { email, code, access_token, refresh_token } = await forgetful()
    assert.match(code, /^\d{8}$/)
    const { body } = await reset(auth, email, code).expect(200)
    assert.deepEqual(body, { message: "Password reset successfully", email })

    await me(other, access_token).expect(401)
    await refresh(other, refresh_token).expect(401)
    await logIn(auth, email, PASSWORD).expect(401)
    const signedIn = await logIn(auth, email, NEW_PASSWORD).expect(200)
    assert.equal(signedIn.body.user.email_verified, true)
    assert.equal(await countMails(auth, "password-changed", email), 1)
  })

  // check 54
  it("ends all links and codes, as a reset by a link does", async () => {
    const one = await forgetful()
    const [oneLink] = await tokensFromMails(auth, "reset-password", one.email)
    const [verification = ""] = await codesFromMails(auth, "verify-email", one.email)
    await reset(auth, one.email, one.code).expect(200)
    await reset(auth, one.email, one.code, PASSWORD).expect(400)
    await verify(one.email, verification).expect(400)
    await auth.http
      .post("/v1/auth/reset-password")
      .send({ token: oneLink, new_password: PASSWORD })
      .expect(400)

    const two = await forgetful()
    const [twoLink] = await tokensFromMails(auth, "reset-password", two.email)
    await auth.http
      .post("/v1/auth/reset-password")
      .send({ token: twoLink, new_password: NEW_PASSWORD })
      .expect(200)
    await reset(auth, two.email, two.code, PASSWORD).expect(400)
    await logIn(auth, two.email, NEW_PASSWORD).expect(200)
  })

  // check 52
  it("takes a code once, of 16 parallel uses over two processes, or of the code and the link", async () => {
    const { email, code } = await forgetful()
    const answers = await race(16, (index) =>
      reset(index % 2 ? auth : other, email, code, `${NEW_PASSWORD} ${index}`),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(15).fill(400)])
    const winner = answers.findIndex(({ status }) => status === 200)
    await logIn(auth, email, `${NEW_PASSWORD} ${winner}`).expect(200)

    const next = await forgetful()
    const [token] = await tokensFromMails(auth, "reset-password", next.email)
    const both = await Promise.all([
      reset(auth, next.email, next.code),
      other.http.post("/v1/auth/reset-password").send({ token, new_password: NEW_PASSWORD }),
    ])
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 400])
    assert.equal(await countMails(auth, "password-changed", next.email), 1)
  })

  // check 44, check 55
  it("compares five of 200 parallel guesses", async () => {
    const { email, code, user } = await forgetful()
    await race(200, (index) => reset(index % 2 ? auth : other, email, wrong(code)))
    const tries = await auth.db.query(
      "select tries from auth.one_time_codes where account_id = ? and purpose = 'reset-password'",
      [user.id],
    )
    assert.deepEqual(tries, [{ tries: 5 }])
    await reset(auth, email, code).expect(400)
    await logIn(auth, email, PASSWORD).expect(200)
  })

  it("takes no code of another purpose, account or time", async () => {
    const { email, code } = await forgetful()
    const [verification = ""] = await codesFromMails(auth, "verify-email", email)
    await reset(auth, email, verification).expect(400)
    await verify(email, code).expect(400)
    await verify(email, code.slice(0, 6)).expect(400)
    const stranger = await forgetful()
    await reset(auth, stranger.email, code).expect(400)
    await auth.db.elapse(601)
    await reset(auth, email, code).expect(400)
    await logIn(auth, email, PASSWORD).expect(200)
  })

  it("wants a token, or an email and a code, and says so", async () => {
    const { email, code } = await forgetful()
    const [token] = await tokensFromMails(auth, "reset-password", email)
    for (const proof of [{}, { email }, { otp: code }, { token, email, otp: code }]) {
      const answer = await auth.http
        .post("/v1/auth/reset-password")
        .send({ ...proof, new_password: NEW_PASSWORD })
        .expect(400)
      assert.equal(answer.body.code, "request.invalid")
    }
    const differing = { email, otp: code, new_password: NEW_PASSWORD, confirm_password: PASSWORD }
    const { body } = await auth.http.post("/v1/auth/reset-password").send(differing).expect(400)
    assert.equal(body.code, "password.mismatch")
    await reset(auth, email, code, "short").expect(400)
    await reset(auth, email, code).expect(200)
  })

  it("resets nothing for an account that was disabled meanwhile", async () => {
    const { email, code, user } = await forgetful()
    await auth.db.query("update auth.accounts set disabled_at = now() where id = ?", [user.id])
    await reset(auth, email, code).expect(400)
    assert.equal(await countMails(auth, "password-changed", email), 0)
  })
})
