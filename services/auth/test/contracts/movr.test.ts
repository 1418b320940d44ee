import assert from "node:assert/strict"
import { assertAnswer, assertProblem, assertTokens, type Json } from "./support/api.js"
import { type Mail, taken } from "./support/inbox.js"
import { NEW_PASSWORD, newEmail, PASSWORD } from "./support/people.js"
import { type Stage, setStage } from "./support/stage.js"
import { assertSameTime } from "./support/timing.js"

const FORGOTTEN = "If an account exists with that email, you will receive password reset instructions."
const DONE = "Password has been reset successfully. Please login with your new password."
const DEEP_LINK = /(?<![\w:])movr:\/\/reset-password\?token=([\w-]{43})(?![\w&-])/

describe("Movr's client: /api/v1", () => {
  let stage: Stage

  before(async function () {
    stage = await setStage(this, "movr")
  })
  after(() => stage.strike())

  const register = async (name?: string) => {
    const email = newEmail("movr")
    const answer = await stage.api("POST", "/api/v1/auth/register", {
      json: { email, password: PASSWORD, name },
    })
    return { ...assertTokens(answer, 201, email), email }
  }
  const login = (email: string, password: string) =>
    stage.api("POST", "/api/v1/auth/login", { json: { email, password } })
  const forget = (email: string) => stage.api("POST", "/api/v1/auth/forgot-password", { json: { email } })
  const reset = (authorization: string | undefined, json: Json) =>
    stage.api("POST", "/api/v1/auth/reset-password", {
      json,
      ...(authorization !== undefined && { headers: { Authorization: authorization } }),
    })
  const twice = (password: string) => ({ new_password: password, confirm_password: password })
  const mailsTo = (email: string, count = 1) => stage.inbox.wait(email, /^Reset your/, count)
  const tokenOf = (mail: Mail | undefined) => taken(mail, DEEP_LINK)

  async function forgetful(count = 1) {
    const person = await register()
    for (let time = 0; time < count; time++) assertAnswer(await forget(person.email), 200)
    return { ...person, tokens: (await mailsTo(person.email, count)).map(tokenOf) }
  }

  describe("POST /api/v1/auth/forgot-password", () => {
    it("answers the same for every address, with the address as it was given", async () => {
      const { email } = await register()
      const shouted = email.toUpperCase()
      for (const given of [email, shouted, newEmail("movr")]) {
        assert.deepEqual(assertAnswer(await forget(given), 200), { message: FORGOTTEN, email: given })
      }
    })

    it("sends a deep link, greets by first name, and says when it expires and what to ignore", async () => {
      const { email } = await register("Grace Brewster Hopper")
      assertAnswer(await forget(email), 200)
      const [mail] = await mailsTo(email)
      assert.match(tokenOf(mail), /^[\w-]{43}$/)
      assert.match(String(mail?.html), /href="movr:\/\/reset-password\?token=[\w-]{43}"/)
      for (const text of [mail?.text, mail?.html]) {
        assert.match(String(text), /\bGrace\b/)
        assert.doesNotMatch(String(text), /Brewster|Hopper/)
        assert.match(String(text), /expires in 1 hour/)
        assert.match(String(text), /ignore this email/)
      }
    })

    it("takes the same time for a known and an unknown address", async function () {
      this.timeout(300_000)
      const { email } = await register()
      await assertSameTime(
        () => forget(email),
        () => forget(newEmail("movr")),
      )
    })
  })

  describe("POST /api/v1/auth/reset-password", () => {
    it("sets the password by the deep link's token, and ends every session", async () => {
      const { email, access_token, tokens } = await forgetful()
      const body = assertAnswer(await reset(`Bearer ${tokens[0]}`, twice(NEW_PASSWORD)), 200)
      assert.deepEqual(body, { message: DONE, email })
      assertTokens(await login(email, NEW_PASSWORD), 200, email, true)
      assertProblem(await login(email, PASSWORD), 401)
      assertProblem(await stage.api("GET", "/api/v1/auth/me", { token: access_token }), 401)
      await stage.inbox.wait(email, /password was changed/)
    })

    it("refuses a missing or malformed header", async () => {
      const { tokens, email } = await forgetful()
      const detail = "Missing or invalid authorization header"
      for (const header of [
        undefined,
        "Bearer",
        `Basic ${tokens[0]}`,
        `Bearer ${tokens[0]} twice`,
        String(tokens[0]),
      ]) {
        assertProblem(await reset(header, twice(NEW_PASSWORD)), 401, { detail })
      }
      assertTokens(await login(email, PASSWORD), 200, email)
    })

    it("refuses two that differ, before it looks at the token, which stays good", async () => {
      const { tokens } = await forgetful()
      const differing = { new_password: NEW_PASSWORD, confirm_password: PASSWORD }
      const detail = "Passwords do not match"
      for (const token of [tokens[0], "made-up"]) {
        assertProblem(await reset(`Bearer ${token}`, differing), 400, { detail })
        assertProblem(await reset(`Bearer ${token}`, { new_password: NEW_PASSWORD }), 400, { detail })
      }
      assertAnswer(await reset(`Bearer ${tokens[0]}`, twice(NEW_PASSWORD)), 200)
    })

    it("refuses an unknown token", async () => {
      const { access_token } = await register()
      for (const token of ["A".repeat(43), access_token]) {
        assertProblem(await reset(`Bearer ${token}`, twice(NEW_PASSWORD)), 401, {
          detail: "Invalid or expired reset token",
        })
      }
    })

    it("refuses one that was used before", async () => {
      const { email, tokens } = await forgetful()
      assertAnswer(await reset(`Bearer ${tokens[0]}`, twice(NEW_PASSWORD)), 200)
      assertProblem(await reset(`Bearer ${tokens[0]}`, twice(PASSWORD)), 401, {
        detail: "Reset token has already been used",
      })
      assertTokens(await login(email, NEW_PASSWORD), 200, email, true)
    })

    it("refuses one past one hour", async function () {
      if (!stage.elapse) this.skip()
      const [early, late] = [await forgetful(), await forgetful()]
      await stage.elapse(3_570)
      assertAnswer(await reset(`Bearer ${early.tokens[0]}`, twice(NEW_PASSWORD)), 200)
      await stage.elapse(31)
      assertProblem(await reset(`Bearer ${late.tokens[0]}`, twice(NEW_PASSWORD)), 401, {
        detail: "Reset token has expired. Please request a new one.",
      })
    })

    it("takes passwords of 8 characters and more, and of more than 72 bytes whole", async () => {
      const { email, tokens } = await forgetful(2)
      const bearer = `Bearer ${tokens[0]}`
      const refused = await reset(bearer, twice("seven 7"))
      assertProblem(refused, 400)
      assert.match(JSON.stringify(refused.body.errors), /new_password.*at least 8/)
      const long = "ä".repeat(60)
      assertAnswer(await reset(bearer, twice(long)), 200)
      assertProblem(await login(email, `${"ä".repeat(59)}o`), 401)
      assertTokens(await login(email, long), 200, email, true)

      const short = await forgetful()
      assertAnswer(await reset(`Bearer ${short.tokens[0]}`, twice("eight 88")), 200)
    })

    it("keeps the newest three tokens, and one reset ends them all", async () => {
      const { tokens } = await forgetful(4)
      const [first, second, third, fourth] = tokens
      assertProblem(await reset(`Bearer ${first}`, twice(NEW_PASSWORD)), 401)
      assertAnswer(await reset(`Bearer ${second}`, twice(NEW_PASSWORD)), 200)
      for (const token of [third, fourth]) assertProblem(await reset(`Bearer ${token}`, twice(PASSWORD)), 401)
    })
  })
})
