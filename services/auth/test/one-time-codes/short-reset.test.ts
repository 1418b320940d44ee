import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { codesFromMails, countMails, wrong } from "../support/mails.js"
import { logIn, PASSWORD, register } from "../support/people.js"
import { type Bundle, setup } from "../support/setup.js"

const NEW_PASSWORD = "quite another password"

// CONTRACTS.md, Introgy: one code of six digits for both calls.
describe("a verification code in an app with otp_reset", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup({ DEFAULT_APP: "introgy" })
  })
  after(() => auth.stop())

  const ask = (email: string, app = "introgy") =>
    auth.http.post("/auth/send-verification-code").set("X-Client-Id", app).send({ email }).expect(200)
  const verify = (email: string, code: string) =>
    auth.http.post("/auth/verify-otp").send({ email, otp: code })
  const reset = (email: string, code: string) =>
    auth.http.post("/auth/reset-password").send({ email, otp: code, new_password: NEW_PASSWORD })

  async function newPerson() {
    const { user } = await register(auth)
    const { email } = user
    const [code = ""] = await codesFromMails(auth, "verify-email", email)
    return { email, code }
  }
  /** Somebody whose address is verified already: their codes come in reset mails. */
  async function verifiedPerson() {
    const { email, code } = await newPerson()
    await verify(email, code).expect(200)
    await ask(email)
    const [next = ""] = await codesFromMails(auth, "reset-password", email)
    return { email, code: next }
  }

  it("verifies once, and stays valid for one reset", async () => {
    const { email, code } = await newPerson()
    await verify(email, code).expect(200)
    await verify(email, code).expect(400)
    await reset(email, code).expect(200)
    await reset(email, code).expect(400)
    await logIn(auth, email, NEW_PASSWORD).expect(200)
  })

  it("resets without having verified, and is over then", async () => {
    const { email, code } = await newPerson()
    await reset(email, code).expect(200)
    await verify(email, code).expect(400)
    const { body } = await logIn(auth, email, NEW_PASSWORD).expect(200)
    assert.equal(body.user.email_verified, true)
  })

  it("of a verified account comes with a reset mail, has six digits, and serves both calls", async () => {
    const { email, code } = await verifiedPerson()
    assert.match(code, /^\d{6}$/)
    await verify(email, code).expect(200)
    await reset(email, code).expect(200)
    await logIn(auth, email, NEW_PASSWORD).expect(200)
  })

  it("resets once, of 16 parallel uses", async () => {
    const { email, code } = await newPerson()
    const answers = await race(16, () => reset(email, code))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(15).fill(400)])
  })

  // SECURITY.md section 2: six digits may reset only with three tries a code.
  it("is killed by three wrong resets", async () => {
    const { email, code } = await newPerson()
    for (let attempt = 0; attempt < 3; attempt++) await reset(email, wrong(code)).expect(400)
    await reset(email, code).expect(400)
    await verify(email, code).expect(400)
    await logIn(auth, email, PASSWORD).expect(200)
  })

  it("is compared three times at most, of 200 parallel guesses at a reset", async () => {
    const { email, code } = await newPerson()
    await race(200, () => reset(email, wrong(code)))
    const tries = await auth.db.query<{ tries: number }>(
      "select tries from auth.one_time_codes where email = ? and tries > 0",
      [email],
    )
    assert.deepEqual(tries, [{ tries: 3 }])
    await reset(email, code).expect(400)
  })

  // One counter: guessing by the other call gets nobody further.
  it("resets no more after three wrong verifications, and verifies until the fifth", async () => {
    const { email, code } = await newPerson()
    for (let attempt = 0; attempt < 3; attempt++) await verify(email, wrong(code)).expect(400)
    await reset(email, code).expect(400)
    await verify(email, code).expect(200)
    await reset(email, code).expect(400)

    const hasty = await newPerson()
    for (let attempt = 0; attempt < 2; attempt++) await verify(hasty.email, wrong(hasty.code)).expect(400)
    await verify(hasty.email, hasty.code).expect(200)
    await reset(hasty.email, hasty.code).expect(200)
  })

  // check 55: limits are off here, and this one is not of those.
  it("counts for resets three times a day; then the mail has its link alone", async () => {
    const { email, code } = await verifiedPerson()
    await ask(email)
    await ask(email)
    const codes = await codesFromMails(auth, "reset-password", email)
    assert.equal(codes.length, 3)
    assert.equal(codes[0], code)
    assert.match(codes[1] ?? "", /^\d{6}$/)
    assert.equal(codes[2], "none")
    assert.equal(await countMails(auth, "reset-password", email), 3)
    await reset(email, codes[1] ?? "").expect(200)

    await auth.db.elapse(86_401)
    await ask(email)
    const [next = ""] = (await codesFromMails(auth, "reset-password", email)).slice(-1)
    await reset(email, next).expect(200)
  })

  it("still verifies when it counts for resets no more", async () => {
    const { email } = await newPerson()
    for (let times = 0; times < 3; times++) await ask(email)
    const [last = ""] = (await codesFromMails(auth, "verify-email", email)).slice(-1)
    await reset(email, last).expect(400)
    await verify(email, last).expect(200)
  })

  it("is for its app alone: elsewhere a verified account is sent nothing, and six digits reset nothing", async () => {
    const { email, code } = await newPerson()
    await ask(email, "jobpath")
    const [, ofJobPath = ""] = await codesFromMails(auth, "verify-email", email)
    await reset(email, ofJobPath).expect(400)
    if (ofJobPath !== code) await reset(email, code).expect(400)
    await verify(email, ofJobPath).expect(200)
    await ask(email, "jobpath")
    assert.equal(await countMails(auth, "reset-password", email), 0)
    assert.equal(await countMails(auth, "verify-email", email), 2)
  })
})
