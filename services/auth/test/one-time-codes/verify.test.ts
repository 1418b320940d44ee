import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { codesFromMails, tokensFromMails, wrong } from "../support/mails.js"
import { me, newEmail, register } from "../support/people.js"
import { type AuthProcess, type Bundle, setup } from "../support/setup.js"

describe("a verification code", () => {
  let auth: Bundle
  let other: AuthProcess

  before(async () => {
    auth = await setup()
    other = await auth.another()
  })
  after(() => auth.stop())

  const verify = ({ http }: AuthProcess, email: string, otp: unknown) =>
    http.post("/v1/auth/verify-otp").send({ email, otp })
  const ask = (email: string) => auth.http.post("/v1/auth/send-verification-code").send({ email }).expect(200)

  async function newPerson() {
    const person = await register(auth)
    const { email } = person.user
    const [code = ""] = await codesFromMails(auth, "verify-email", email)
    const isVerified = async () => (await me(auth, person.access_token)).body.email_verified
    return { ...person, email, code, isVerified }
  }
  const triesOf = (accountId: string) =>
    auth.db.query<{ tries: number }>("select tries from auth.one_time_codes where account_id = ?", [
      accountId,
    ])

  it("of six digits verifies the address, and ends the link of its mail", async () => {
    const { email, code, isVerified, user } = await newPerson()
    assert.match(code, /^\d{6}$/)
    const { body, headers } = await verify(auth, email.toUpperCase(), ` ${code.slice(0, 3)} ${code.slice(3)}`)
    assert.deepEqual(body, { message: "Email verified successfully", verified: true })
    assert.equal(await isVerified(), true)
    const events = await auth.db.query(
      "select event, account_id from auth.audit_events where request_id = ?",
      [headers["x-request-id"]],
    )
    assert.deepEqual(events, [{ event: "email.verified", account_id: user.id }])

    const [token] = await tokensFromMails(auth, "verify-email", email)
    await auth.http.get(`/v1/auth/verify-email/${token}`).expect(400)
  })

  it("is dead after the link of its mail was used, and so are the mails before", async () => {
    const { email } = await newPerson()
    await ask(email)
    const [first, second] = await tokensFromMails(auth, "verify-email", email)
    const [, code = ""] = await codesFromMails(auth, "verify-email", email)
    await auth.http.get(`/v1/auth/verify-email/${second}`).expect(200)
    await verify(auth, email, code).expect(400)
    await auth.http.get(`/v1/auth/verify-email/${first}`).expect(400)
  })

  // check 48
  it("is taken once, of 16 parallel uses over two processes", async () => {
    const { email, code } = await newPerson()
    const answers = await race(16, (index) => verify(index % 2 ? auth : other, email, code))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(15).fill(400)])
  })

  it("is taken once, of the code and the links of two mails at the same moment", async () => {
    const { email, isVerified } = await newPerson()
    await ask(email)
    const tokens = await tokensFromMails(auth, "verify-email", email)
    const code = (await codesFromMails(auth, "verify-email", email)).at(-1) ?? ""
    const answers = await Promise.all([
      verify(auth, email, code),
      ...tokens.map((token) => other.http.get(`/v1/auth/verify-email/${token}`)),
    ])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400, 400])
    assert.equal(await isVerified(), true)
  })

  // check 44, check 48
  it("is dead after five wrong tries", async () => {
    const { email, code, isVerified, user } = await newPerson()
    for (let attempt = 0; attempt < 5; attempt++) {
      const { body } = await verify(auth, email, wrong(code)).expect(400)
      assert.equal(body.code, "one-time-code.invalid")
    }
    await verify(auth, email, code).expect(400)
    assert.equal(await isVerified(), false)
    const refusals = await auth.db.query(
      "select outcome, detail from auth.audit_events where account_id = ? and event = 'one-time-code.refused'",
      [user.id],
    )
    assert.deepEqual(refusals, Array(6).fill({ outcome: "failure", detail: { use: "verify-email" } }))

    const next = await newPerson()
    for (let attempt = 0; attempt < 4; attempt++) await verify(auth, next.email, wrong(next.code)).expect(400)
    await verify(auth, next.email, next.code).expect(200)
  })

  // check 48: counted before it is compared, so a burst gets no more tries than five.
  it("is compared five times at most, of 200 parallel guesses over two processes", async () => {
    const { email, code, isVerified, user } = await newPerson()
    const answers = await race(200, (index) => verify(index % 2 ? auth : other, email, wrong(code)))
    assert.ok(answers.every(({ status }) => status === 400))
    assert.deepEqual(await triesOf(user.id), [{ tries: 5 }])
    await verify(other, email, code).expect(400)
    assert.equal(await isVerified(), false)
  })

  // check 48
  it("lives ten minutes, and until the next one is sent", async () => {
    const first = await newPerson()
    await ask(first.email)
    const [, newer = ""] = await codesFromMails(auth, "verify-email", first.email)
    if (newer !== first.code) await verify(auth, first.email, first.code).expect(400)
    await auth.db.elapse(590)
    await verify(auth, first.email, newer).expect(200)

    const late = await newPerson()
    await auth.db.elapse(601)
    await verify(auth, late.email, late.code).expect(400)
  })

  // check 48
  it("is good for its own account and address alone", async () => {
    const one = await newPerson()
    let two = await newPerson()
    while (one.code === two.code) two = await newPerson()
    await verify(auth, two.email, one.code).expect(400)
    await verify(auth, newEmail(), one.code).expect(400)
    await auth.db.query("update auth.accounts set email = ? where id = ?", [newEmail(), one.user.id])
    await verify(auth, one.email, one.code).expect(400)
    await verify(auth, two.email, two.code).expect(200)
  })

  it("is a text of digits, leading zeros and all", async () => {
    const person = await newPerson()
    for (const otp of [Number(person.code), "12345", "1234567", "12345x", "１２３４５６", ""]) {
      const { body } = await verify(auth, person.email, otp).expect(400)
      assert.equal(body.errors[0].pointer, "/otp")
    }
    let zero = person
    while (!zero.code.startsWith("0")) zero = await newPerson()
    await verify(auth, zero.email, zero.code.replace(/^0+/, "")).expect(400)
    await verify(auth, zero.email, zero.code).expect(200)
  })

  it("is nowhere in the database, not even as a plain hash", async () => {
    const { email, code, user } = await newPerson()
    const rows = await auth.db.query<{ text: string; hash: Buffer }>(
      "select c::text as text, code_hash as hash from auth.one_time_codes c where account_id = ?",
      [user.id],
    )
    assert.equal(rows.length, 1)
    assert.ok(!rows[0]?.text.includes(code))
    const [{ plain } = { plain: false }] = await auth.db.query<{ plain: boolean }>(
      "select sha256(convert_to(:code, 'UTF8')) = :hash or sha256(convert_to(:email || :code, 'UTF8')) = :hash as plain",
      { code, email, hash: rows[0]?.hash },
    )
    assert.equal(plain, false)
  })
})
