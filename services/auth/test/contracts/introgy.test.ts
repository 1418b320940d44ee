import assert from "node:assert/strict"
import { assertAnswer, assertError, assertTokens, type Json } from "./support/api.js"
import { taken } from "./support/inbox.js"
import { NEW_PASSWORD, newEmail, PASSWORD, SIX_DIGITS, wrong } from "./support/people.js"
import { type Stage, setStage } from "./support/stage.js"
import { assertSameTime } from "./support/timing.js"

const VERIFY = /^Confirm your email/
const RESET = /^Reset your/

// The rows of /social-battery are played in services/social-battery, which answers them.
describe("Introgy's client: /auth and /users", () => {
  let stage: Stage

  before(async function () {
    stage = await setStage(this, "introgy")
  })
  after(() => stage.strike())

  const post = (path: string, json: Json) => stage.api("POST", `/auth/${path}`, { json })
  const login = (email: string, password = PASSWORD) => post("login", { email, password })
  const send = (email: string) => post("send-verification-code", { email })
  const verify = (email: string, otp: unknown) => post("verify-otp", { email, otp })
  const reset = (email: string, otp: string, new_password = NEW_PASSWORD) =>
    post("reset-password", { email, otp, new_password })
  /** The newest of so many codes that came in mails of this subject. */
  const codeTo = async (email: string, subject = VERIFY, count = 1) =>
    taken((await stage.inbox.wait(email, subject, count)).at(-1), SIX_DIGITS)

  async function register(name?: string) {
    const email = newEmail("introgy")
    const answer = await post("register", { email, password: PASSWORD, ...(name && { name }) })
    return { email, ...assertTokens(answer, 201, email) }
  }
  async function withCode() {
    const person = await register()
    return { ...person, code: await codeTo(person.email) }
  }

  it("POST /auth/register: 201 with the token response, with and without a name", async () => {
    await register()
    const { access_token, email } = await register("Kim Lee")
    assertAnswer(await stage.api("GET", "/users/me", { token: access_token }), 200, { name: "Kim Lee" })
    assertError(await post("register", { email, password: PASSWORD }), 409)
    assertError(await post("register", { email: "nobody", password: PASSWORD }), 400)
  })

  it("POST /auth/login: 200 with the token response, 401 for what is wrong", async () => {
    const { email } = await register()
    assertTokens(await login(email), 200, email)
    assertError(await login(email, NEW_PASSWORD), 401, "Invalid email or password")
  })

  describe("POST /auth/send-verification-code", () => {
    it("answers 200 and the same for every address, and the mail carries six digits", async () => {
      const { email } = await register()
      const answers = [await send(email), await send(newEmail("introgy"))]
      for (const answer of answers) assertAnswer(answer, 200, { message: /./ })
      assert.equal(answers[0]?.text, answers[1]?.text)
      const mails = await stage.inbox.wait(email, VERIFY, 2)
      for (const mail of mails) assert.match(taken(mail, SIX_DIGITS), /^\d{3} ?\d{3}$/)
    })

    it("takes the same time for a known and an unknown address", async function () {
      this.timeout(300_000)
      const { email } = await register()
      await assertSameTime(
        () => send(email),
        () => send(newEmail("introgy")),
      )
    })
  })

  describe("POST /auth/verify-otp", () => {
    it("answers 200 and verified, and the account is", async () => {
      const { email, code, access_token } = await withCode()
      assertAnswer(await verify(email, code), 200, { message: /./, verified: true })
      const user = { email_verified: true }
      assertAnswer(await stage.api("GET", "/auth/verify-token", { token: access_token }), 200, { user })
    })

    it("takes the code as `code`, too", async () => {
      const { email, code } = await withCode()
      assertError(await post("verify-otp", { email, code: wrong(code) }), 400)
      assertAnswer(await post("verify-otp", { email, code }), 200, { verified: true })
    })

    it("refuses a wrong code with 400, and after five wrong ones the right one, too", async () => {
      const { email, code } = await withCode()
      for (let attempt = 0; attempt < 5; attempt++) assertError(await verify(email, wrong(code)), 400)
      assertError(await verify(email, code), 400)

      const next = await withCode()
      for (let attempt = 0; attempt < 4; attempt++)
        assertError(await verify(next.email, wrong(next.code)), 400)
      assertAnswer(await verify(next.email, next.code), 200, { verified: true })
    })

    it("refuses a code of somebody else, of an unknown address, or that is none", async () => {
      const [one, two] = [await withCode(), await withCode()]
      if (one.code !== two.code) assertError(await verify(one.email, two.code), 400)
      assertError(await verify(newEmail("introgy"), one.code), 400)
      for (const otp of [Number(one.code), "12345", "", null]) assertError(await verify(one.email, otp), 400)
      assertError(await post("verify-otp", { email: one.email }), 400)
    })

    it("refuses an older code than the newest", async () => {
      const { email, code } = await withCode()
      assertAnswer(await send(email), 200)
      const newer = await codeTo(email, VERIFY, 2)
      if (newer !== code) assertError(await verify(email, code), 400)
      assertAnswer(await verify(email, newer), 200)
    })

    it("refuses a code after ten minutes", async function () {
      if (!stage.elapse) this.skip()
      const late = await withCode()
      await stage.elapse(601)
      assertError(await verify(late.email, late.code), 400)
    })

    it("takes the same time for a known and an unknown address", async function () {
      this.timeout(300_000)
      const { email, code } = await withCode()
      await assertSameTime(
        () => verify(email, wrong(code)),
        () => verify(newEmail("introgy"), wrong(code)),
      )
    })
  })

  describe("POST /auth/reset-password", () => {
    it("takes the code of send-verification-code, before and after it verified", async () => {
      const { email, code, access_token } = await withCode()
      assertAnswer(await verify(email, code), 200)
      assertAnswer(await reset(email, code), 200, { message: /./ })
      assertError(await reset(email, code, PASSWORD), 400)
      assertError(await login(email), 401)
      assertTokens(await login(email, NEW_PASSWORD), 200, email, true)
      assertError(await stage.api("GET", "/users/me", { token: access_token }), 401)

      // Verified by now, so that the next code comes in a reset mail.
      assertAnswer(await send(email), 200)
      const next = await codeTo(email, RESET)
      assertAnswer(await verify(email, next), 200, { verified: true })
      assertAnswer(await reset(email, next, PASSWORD), 200)
      assertTokens(await login(email), 200, email, true)
    })

    it("refuses a wrong code with 400, and three wrong ones kill it", async () => {
      const { email, code } = await withCode()
      for (let attempt = 0; attempt < 3; attempt++) assertError(await reset(email, wrong(code)), 400)
      assertError(await reset(email, code), 400)
      assertError(await verify(email, code), 400)
      assertTokens(await login(email), 200, email)
    })

    it("refuses an expired code with 400", async function () {
      if (!stage.elapse) this.skip()
      const { email, code } = await withCode()
      await stage.elapse(601)
      assertError(await reset(email, code), 400)
    })

    it("counts three codes a day for resets", async () => {
      const { email } = await register()
      // One after the other: mails that are sent together may come in any order.
      for (let mail = 2; mail <= 3; mail++) {
        assertAnswer(await send(email), 200)
        await codeTo(email, VERIFY, mail)
      }
      assertAnswer(await send(email), 200)
      const fourth = await codeTo(email, VERIFY, 4)
      assertError(await reset(email, fourth), 400)
      assertAnswer(await verify(email, fourth), 200)
    })

    it("keeps the code for a password that is too short", async () => {
      const { email, code } = await withCode()
      assertError(await reset(email, code, "seven 7"), 400)
      assertAnswer(await reset(email, code), 200)
    })
  })

  it("POST /auth/refresh-token: 200 with the token response, 401 for a bad one", async () => {
    const { email, refresh_token } = await register()
    const next = assertTokens(await post("refresh-token", { refresh_token }), 200, email)
    assert.notEqual(next.refresh_token, refresh_token)
    assertTokens(await post("refresh-token", { refresh_token: next.refresh_token }), 200, email)
    assertError(await post("refresh-token", { refresh_token: "made up" }), 401)
  })

  it("GET /auth/verify-token: 200 with the user while the token is good, else 401", async () => {
    const { access_token, email, user } = await register()
    const check = (token?: string) => stage.api("GET", "/auth/verify-token", token ? { token } : {})
    assertAnswer(await check(access_token), 200, { valid: true, user: { id: user.id, email } })
    for (const bad of [undefined, "made up", `${access_token}x`]) assertError(await check(bad), 401)
    assertAnswer(await stage.api("POST", "/auth/logout", { token: access_token }), 200)
    assertError(await check(access_token), 401)
  })

  it("GET and PUT /users/me: 200 with the profile", async () => {
    const { access_token: token, email, user } = await register("Kim")
    assertAnswer(await stage.api("GET", "/users/me", { token }), 200, { id: user.id, email, name: "Kim" })
    const change = { name: "Kim Lee", bio: "Quiet.", interests: ["tea"] }
    const changed = await stage.api("PUT", "/users/me", { token, json: change })
    assertAnswer(changed, 200, { id: user.id, email, ...change })
    const partly = await stage.api("PUT", "/users/me", { token, json: { bio: "Quieter." } })
    assertAnswer(partly, 200, { ...change, bio: "Quieter." })
    assertAnswer(await stage.api("GET", "/users/me", { token }), 200, { ...change, bio: "Quieter." })
    assertError(await stage.api("PUT", "/users/me", { token, json: { name: "" } }), 400)
    assertError(await stage.api("GET", "/users/me"), 401)
    assertError(await stage.api("PUT", "/users/me", { json: change }), 401)
  })

  it("GET /users/lookup: 200 with id, email and name; none 404", async () => {
    const { access_token: token } = await register()
    const { email, user } = await register("Kim Lee")
    const lookup = (address: string, by?: string) =>
      stage.api("GET", `/users/lookup?email=${encodeURIComponent(address)}`, by ? { token: by } : {})
    assert.deepEqual(assertAnswer(await lookup(email, token), 200), { id: user.id, email, name: "Kim Lee" })
    assertError(await lookup(newEmail("introgy"), token), 404)
    assertError(await lookup("nobody", token), 400)
    assertError(await lookup(email), 401)
  })

  describe("the social battery", () => {
    const battery = (id: unknown, rest = "") => `/social-battery/${id}${rest}`
    const record = (token: string, id: unknown, energy_change: number, more: Json = {}) =>
      stage.api("POST", battery(id, "/record"), {
        token,
        json: { interaction_type: "party", energy_change, ...more },
      })

    it("starts at 50, moves by what is recorded, and stays within 0 to 100", async () => {
      const { access_token: token, user } = await register()
      const level = async () => (await stage.api("GET", battery(user.id), { token })).body.level
      assertAnswer(await stage.api("GET", battery(user.id), { token }), 200, {
        user_id: user.id,
        level: 50,
        updated_at: /Z$/,
      })
      assertAnswer(await record(token, user.id, -80, { note: "Loud." }), 201, { level: 0 })
      assert.equal(await level(), 0)
      assertAnswer(await record(token, user.id, 500), 201, { level: 100 })
      assert.equal(await level(), 100)

      const { items } = assertAnswer(
        await stage.api("GET", battery(user.id, "/activity"), { token }),
        200,
      ) as {
        items: Json[]
      }
      assert.deepEqual(
        items.map(({ energy_change }) => energy_change),
        [500, -80],
      )
      assertError(await record(token, user.id, 0.5), 400)
    })

    it("is nobody else's", async () => {
      const [owner, other] = [await register(), await register()]
      for (const path of [battery(owner.user.id), battery(owner.user.id, "/activity")]) {
        assert.equal((await stage.api("GET", path, { token: other.access_token })).status, 403)
        assert.equal((await stage.api("GET", path)).status, 401)
      }
      assert.equal((await record(other.access_token, owner.user.id, -1)).status, 403)
    })
  })
})
