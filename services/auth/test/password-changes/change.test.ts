import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { askForEmail, confirmByLink, proofsTo } from "../support/email-changes.js"
import { codesFromMails, countMails, tokensFromMails } from "../support/mails.js"
import { logIn, me, newEmail, PASSWORD, refresh, register } from "../support/people.js"
import { type Bundle, setup } from "../support/setup.js"

const NEW_PASSWORD = "quite another password"

// check 37
describe("a change of password", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  const change = (token: string, current_password = PASSWORD, new_password = NEW_PASSWORD) =>
    auth.http
      .post("/v1/users/me/password")
      .set("Authorization", `Bearer ${token}`)
      .send({ current_password, new_password })
  const sessionOf = (token: string) =>
    JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).sid

  it("ends every session, and the caller goes on with a new one", async () => {
    const { user, ...first } = await register(auth)
    const { body: second } = await logIn(auth, user.email)
    const answer = await change(first.access_token).expect(200)

    for (const { access_token, refresh_token } of [first, second]) {
      await me(auth, access_token).expect(401)
      await refresh(auth, refresh_token).expect(401)
    }
    assert.notEqual(sessionOf(answer.body.access_token), sessionOf(first.access_token))
    await me(auth, answer.body.access_token).expect(200)
    await refresh(auth, answer.body.refresh_token).expect(200)
    await logIn(auth, user.email, PASSWORD).expect(401)
    await logIn(auth, user.email, NEW_PASSWORD).expect(200)

    assert.equal(await countMails(auth, "password-changed", user.email), 1)
    const events = await auth.db.query(
      "select event, count(*)::int as count from auth.audit_events where request_id = ? group by 1 order by 1",
      [answer.headers["x-request-id"]],
    )
    assert.deepEqual(events, [
      { event: "password.changed", count: 1 },
      { event: "session.ended", count: 2 },
      { event: "session.started", count: 1 },
    ])
  })

  it("needs the current password, and a new one that differs and is long enough", async () => {
    const { user, access_token } = await register(auth)
    const refused = await change(access_token, "not the password").expect(403)
    assert.equal(refused.body.code, "password.current-wrong")
    for (const bad of [PASSWORD, "short"]) {
      const { body } = await change(access_token, PASSWORD, bad).expect(400)
      assert.equal(body.errors[0].pointer, "/new_password")
    }
    await me(auth, access_token).expect(200)
    await logIn(auth, user.email, PASSWORD).expect(200)
    assert.equal(await countMails(auth, "password-changed", user.email), 0)
  })

  it("ends the reset links and codes, and the email change, that wait", async () => {
    const { user, access_token } = await register(auth)
    const { email } = user
    await auth.http.post("/v1/auth/forgot-password").send({ email }).expect(200)
    const [token] = await tokensFromMails(auth, "reset-password", email)
    const [otp] = await codesFromMails(auth, "reset-password", email)
    const elsewhere = newEmail()
    await askForEmail(auth, access_token, elsewhere).expect(200)
    await change(access_token).expect(200)

    for (const proof of [{ token }, { email, otp }]) {
      await auth.http
        .post("/v1/auth/reset-password")
        .send({ ...proof, new_password: PASSWORD })
        .expect(400)
    }
    await confirmByLink(auth, (await proofsTo(auth, elsewhere)).token).expect(400)
  })

  it("happens once, of 16 that come at the same moment", async () => {
    const { user, access_token } = await register(auth)
    const answers = await race(16, (index) => change(access_token, PASSWORD, `${NEW_PASSWORD} ${index}`))
    const winners = answers.flatMap(({ status }, index) => (status === 200 ? [index] : []))
    assert.equal(winners.length, 1)
    assert.ok(answers.every(({ status }) => [200, 401, 403].includes(status)))
    await logIn(auth, user.email, `${NEW_PASSWORD} ${winners[0]}`).expect(200)
    assert.equal(await countMails(auth, "password-changed", user.email), 1)
  })

  it("counts as a try at the password", async () => {
    const limited = await setup({ RATE_LIMITS: "on" })
    try {
      const { access_token } = await register(limited)
      const guess = () =>
        limited.http
          .post("/v1/users/me/password")
          .set("Authorization", `Bearer ${access_token}`)
          .send({ current_password: "not the password", new_password: NEW_PASSWORD })
      for (let attempt = 0; attempt < 10; attempt++) await guess().expect(403)
      await guess().expect(429)
    } finally {
      await limited.stop()
    }
  })
})
