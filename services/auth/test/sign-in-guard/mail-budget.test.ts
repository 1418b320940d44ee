import assert from "node:assert/strict"
import { logIn, newEmail, PASSWORD, register } from "../support/people.js"
import { type Bundle, setup } from "../support/setup.js"

// SECURITY.md section 2: 20 mails a day for one recipient, over all kinds. check 57
describe("the mails to one address", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup({ RATE_LIMITS: "on", TRUSTED_PROXY_HOPS: "1" })
  })
  after(() => auth.stop())

  let network = 0
  const from = (call: ReturnType<Bundle["http"]["post"]>) =>
    call.set("X-Forwarded-For", `10.7.${++network}.1`)
  const mailsTo = async (email: string) => (await auth.mails()).filter(({ recipient }) => recipient === email)

  it("are twenty a day, however many accounts ask for how many kinds", async () => {
    const victim = newEmail()
    for (let index = 0; index < 24; index++) {
      const email = newEmail()
      const { body } = await from(auth.http.post("/v1/auth/register"))
        .send({ email, password: PASSWORD })
        .expect(201)
      await from(auth.http.post("/v1/users/me/email"))
        .set("Authorization", `Bearer ${body.access_token}`)
        .send({ new_email: victim, password: PASSWORD })
        .expect(200)
    }
    assert.equal((await mailsTo(victim)).length, 20)
  })

  it("don't keep a notice back, of which the owner must hear", async () => {
    const { user, access_token } = await register(auth)
    await auth.db.query("update auth.rate_limits set points = 20 where key like 'mail %'")
    await from(auth.http.post("/v1/auth/forgot-password")).send({ email: user.email }).expect(200)
    assert.deepEqual(
      (await mailsTo(user.email)).map(({ kind }) => kind),
      ["verify-email"],
    )
    await auth.http
      .post("/v1/users/me/password")
      .set("Authorization", `Bearer ${access_token}`)
      .send({ current_password: PASSWORD, new_password: "quite another phrase" })
      .expect(200)
    assert.deepEqual(
      (await mailsTo(user.email)).map(({ kind }) => kind),
      ["verify-email", "password-changed"],
    )
    await logIn(auth, user.email, "quite another phrase").expect(200)
  })
})
