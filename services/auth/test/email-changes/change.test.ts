import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { askForEmail, confirmByCode, confirmByLink, moving, proofsTo } from "../support/email-changes.js"
import { codesFromMails, countMails, tokensFromMails, wrong } from "../support/mails.js"
import { logIn, me, newEmail, PASSWORD, register } from "../support/people.js"
import { type Bundle, setup } from "../support/setup.js"

// check 51
describe("a change of email", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  const reset = (token: string | undefined, new_password = "quite another password") =>
    auth.http.post("/v1/auth/reset-password").send({ token, new_password })
  const forget = (email: string) => auth.http.post("/v1/auth/forgot-password").send({ email }).expect(200)

  it("is nothing until it is confirmed at the new address", async () => {
    const { from, to, user } = await moving(auth)
    await logIn(auth, from).expect(200)
    await logIn(auth, to).expect(401)
    await forget(to)
    assert.equal(await countMails(auth, "reset-password", to), 0)
    assert.equal(await countMails(auth, "email-changed", from), 0)
    const events = await auth.db.query(
      "select event from auth.audit_events where account_id = ? and event like 'email.change%'",
      [user.id],
    )
    assert.deepEqual(events, [{ event: "email.change-requested" }])
  })

  for (const [by, confirm] of [
    ["link", (person: { token: string }) => confirmByLink(auth, person.token)],
    [
      "code",
      (person: { access_token: string; code: string }) =>
        confirmByCode(auth, person.access_token, person.code),
    ],
  ] as const) {
    it(`moves the account by the ${by}, keeps its sessions, and tells the old address`, async () => {
      const person = await moving(auth)
      const { body } = await confirm(person).expect(200)
      assert.deepEqual(body, { message: "Email changed" })

      const profile = await me(auth, person.access_token).expect(200)
      assert.deepEqual([profile.body.email, profile.body.email_verified], [person.to, true])
      await logIn(auth, person.to).expect(200)
      await logIn(auth, person.from).expect(401)
      assert.equal(await countMails(auth, "email-changed", person.from), 1)
      await confirmByLink(auth, person.token).expect(400)
      await confirmByCode(auth, person.access_token, person.code).expect(400)
    })
  }

  it("needs the password, and another address", async () => {
    const { access_token, user } = await register(auth)
    const to = newEmail()
    const { body } = await askForEmail(auth, access_token, to, "not the password").expect(403)
    assert.equal(body.code, "password.current-wrong")
    await askForEmail(auth, access_token, user.email.toUpperCase()).expect(400)
    assert.equal(await countMails(auth, "confirm-new-email", to), 0)
  })

  it("answers the same for somebody else's address, and sends nothing there", async () => {
    const { access_token } = await register(auth)
    const { user: other } = await register(auth)
    const answers = [
      await askForEmail(auth, access_token, other.email),
      await askForEmail(auth, access_token, newEmail()),
    ]
    assert.equal(answers[0]?.text, answers[1]?.text)
    assert.equal(await countMails(auth, "confirm-new-email", other.email), 0)
  })

  it("is void once the address was taken by somebody else", async () => {
    const { to, token, from } = await moving(auth)
    await register(auth, to)
    await confirmByLink(auth, token).expect(400)
    await logIn(auth, from).expect(200)
  })

  it("goes to one of two who confirm the same address at the same moment", async () => {
    const one = await moving(auth)
    const two = await register(auth)
    await askForEmail(auth, two.access_token, one.to).expect(200)
    const { token } = await proofsTo(auth, one.to)
    const answers = await Promise.all([confirmByLink(auth, one.token), confirmByLink(auth, token)])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400])
  })

  it("is confirmed once, of 16 parallel uses of its link and code", async () => {
    const { token, code, access_token, from } = await moving(auth)
    const answers = await race(16, (index) =>
      index % 2 ? confirmByLink(auth, token) : confirmByCode(auth, access_token, code),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(15).fill(400)])
    assert.equal(await countMails(auth, "email-changed", from), 1)
  })

  it("gives its code five tries, and its proofs an hour and until the next request", async () => {
    const tried = await moving(auth)
    for (let attempt = 0; attempt < 5; attempt++) {
      await confirmByCode(auth, tried.access_token, wrong(tried.code)).expect(400)
    }
    await confirmByCode(auth, tried.access_token, tried.code).expect(400)
    await confirmByLink(auth, tried.token).expect(200)

    const again = await moving(auth)
    const elsewhere = newEmail()
    await askForEmail(auth, again.access_token, elsewhere).expect(200)
    await confirmByLink(auth, again.token).expect(400)
    await confirmByLink(auth, (await proofsTo(auth, elsewhere)).token).expect(200)

    const late = await moving(auth)
    await auth.db.elapse(3_601)
    await confirmByLink(auth, late.token).expect(400)
    await logIn(auth, late.from).expect(200)
  })

  // check 54
  it("dies when the password is reset meanwhile", async () => {
    const { from, token } = await moving(auth)
    await forget(from)
    const [link] = await tokensFromMails(auth, "reset-password", from)
    await reset(link).expect(200)
    await confirmByLink(auth, token).expect(400)
  })

  // check 28: who registered somebody else's address keeps nothing of it.
  it("dies when the owner of the address proves it meanwhile", async () => {
    const { access_token, user } = await register(auth)
    const to = newEmail()
    await askForEmail(auth, access_token, to).expect(200)
    const { token } = await proofsTo(auth, to)
    const [link] = await tokensFromMails(auth, "verify-email", user.email)
    await auth.http.get(`/v1/auth/verify-email/${link}`).expect(200)
    await confirmByLink(auth, token).expect(400)
  })

  // check 47
  it("ends the links and codes that went to the old address", async () => {
    const { access_token, user } = await register(auth)
    await forget(user.email)
    const [resetLink] = await tokensFromMails(auth, "reset-password", user.email)
    const [resetCode] = await codesFromMails(auth, "reset-password", user.email)
    const [verifyLink] = await tokensFromMails(auth, "verify-email", user.email)
    const to = newEmail()
    await askForEmail(auth, access_token, to).expect(200)
    await confirmByLink(auth, (await proofsTo(auth, to)).token).expect(200)

    await reset(resetLink).expect(400)
    await auth.http.get(`/v1/auth/verify-email/${verifyLink}`).expect(400)
    for (const email of [user.email, to]) {
      const body = { email, otp: resetCode, new_password: "quite another password" }
      await auth.http.post("/v1/auth/reset-password").send(body).expect(400)
    }
    await logIn(auth, to, PASSWORD).expect(200)
  })

  it("of an address that was never proved gives that one no power", async () => {
    const { access_token, user } = await register(auth)
    const to = newEmail()
    await askForEmail(auth, access_token, to).expect(200)
    await confirmByLink(auth, (await proofsTo(auth, to)).token).expect(200)
    assert.equal(await countMails(auth, "email-changed", user.email), 0)
    await register(auth, user.email)
  })

  it("stores no token", async () => {
    const { token, code, user } = await moving(auth)
    const rows = await auth.db.query(
      `select 1 from auth.email_changes c where account_id = :id and (c::text like :token or c::text like :code)
       union all select 1 from mail.messages m where m::text like :token`,
      { id: user.id, token: `%${token}%`, code: `%${code}%` },
    )
    assert.deepEqual(rows, [])
  })
})

describe("how often a mail of an email change is sent", () => {
  it("is once a minute and three times an hour", async () => {
    const auth = await setup({ RATE_LIMITS: "on" })
    try {
      const { access_token } = await register(auth)
      const sent: number[] = []
      for (const wait of [0, 0, 61, 61, 61]) {
        await auth.db.elapse(wait)
        await askForEmail(auth, access_token, newEmail()).expect(200)
        sent.push((await auth.mails()).filter(({ kind }) => kind === "confirm-new-email").length)
      }
      assert.deepEqual(sent, [1, 1, 2, 3, 3])
    } finally {
      await auth.stop()
    }
  })
})
