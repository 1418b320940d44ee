import assert from "node:assert/strict"
import { assertAnswer, assertProblem, assertTokens, type Tokens } from "./support/api.js"
import { taken } from "./support/inbox.js"
import { eventually, NEW_PASSWORD, newEmail, PASSWORD } from "./support/people.js"
import { type Stage, setStage } from "./support/stage.js"
import { assertSameTime } from "./support/timing.js"

const VERIFY = /^Confirm your email/
const RESET = /^Reset your/
const VERIFY_TOKEN = /\/v1\/auth\/verify-email\/([\w-]{43})/
const RESET_TOKEN = /token=([\w-]{43})/

describe("JobSwipe's client: /v1", () => {
  let stage: Stage

  before(async function () {
    stage = await setStage(this, "jobswipe")
  })
  after(() => stage.strike())

  const post = (path: string, json: unknown, token?: string) =>
    stage.api("POST", `/v1${path}`, { json, ...(token && { token }) })
  const login = (email: string, password = PASSWORD) => post("/auth/login", { email, password })
  const refresh = (refresh_token: string) => post("/auth/refresh", { refresh_token })
  const logout = (token: string) => stage.api("POST", "/v1/auth/logout", { token })
  const me = (token: string) => stage.api("GET", "/v1/auth/me", { token })
  const markAllRead = (token?: string) =>
    stage.api("POST", "/v1/notifications/mark-all-read", token === undefined ? {} : { token })

  async function register(email = newEmail("jobswipe")): Promise<Tokens & { email: string }> {
    const tokens = assertTokens(await post("/auth/register", { email, password: PASSWORD }), 201, email)
    return { ...tokens, email }
  }

  describe("POST /v1/auth/register", () => {
    it("answers 201 with the whole token response", async () => {
      const { access_token } = await register()
      assertAnswer(await me(access_token), 200, { is_active: true })
    })

    it("refuses a known address with 409, however it is spelt, and bad input with 400", async () => {
      const { email } = await register()
      const taken = await post("/auth/register", { email: email.toUpperCase(), password: PASSWORD })
      assertProblem(taken, 409, { code: "account.email-taken" })
      for (const bad of [
        { email: "nobody", password: PASSWORD },
        { email: newEmail(), password: "seven 7" },
        {},
      ]) {
        const answer = await post("/auth/register", bad)
        assertProblem(answer, 400, { code: "request.invalid" })
        assert.ok(Array.isArray(answer.body.errors) && answer.body.errors.length > 0)
      }
    })
  })

  describe("POST /v1/auth/login", () => {
    it("answers 200 with the token response, refresh token and all", async () => {
      const { email } = await register()
      assertTokens(await login(email), 200, email)
      assertTokens(await login(email.toUpperCase()), 200, email)
    })

    it("refuses a wrong password and an unknown address alike", async () => {
      const { email } = await register()
      const unknown = newEmail()
      const [one, two] = [await login(email, NEW_PASSWORD), await login(unknown, NEW_PASSWORD)]
      for (const answer of [one, two]) assertProblem(answer, 401, { code: "session.credentials-invalid" })
      assert.deepEqual({ ...one.body, instance: "" }, { ...two.body, instance: "" })
    })
  })

  describe("POST /v1/auth/refresh", () => {
    it("answers 200 with new tokens, and the new ones work", async () => {
      const first = await register()
      const second = assertTokens(await refresh(first.refresh_token), 200, first.email)
      assert.notEqual(second.refresh_token, first.refresh_token)
      assertAnswer(await me(second.access_token), 200, { email: first.email })
      assertTokens(await refresh(second.refresh_token), 200, first.email)
    })

    it("refuses a bad and a spent token with 401", async () => {
      const first = await register()
      const second = assertTokens(await refresh(first.refresh_token), 200, first.email)
      assertTokens(await refresh(second.refresh_token), 200, first.email)
      for (const bad of [first.refresh_token, "made up", "", first.access_token]) {
        assertProblem(await refresh(bad), 401, { code: "session.refresh-invalid" })
      }
    })

    it("refuses a token after seven days", async function () {
      if (!stage.elapse) this.skip()
      const { refresh_token } = await register()
      await stage.elapse(604_801)
      assertProblem(await refresh(refresh_token), 401)
    })
  })

  describe("POST /v1/auth/logout", () => {
    it("answers 200, and then that session's tokens are refused everywhere", async () => {
      const { access_token, refresh_token } = await register()
      assertAnswer(await markAllRead(access_token), 200)
      assertAnswer(await logout(access_token), 200, { message: "Successfully logged out" })
      assertProblem(await me(access_token), 401)
      assertProblem(await refresh(refresh_token), 401)
      assertProblem(await logout(access_token), 401)
      const isRefused = async () => (await markAllRead(access_token)).status === 401
      await eventually(isRefused, "the notifications API refuses the token")
    })

    it("ends this session alone, and needs a token", async () => {
      const { email, access_token } = await register()
      const other = assertTokens(await login(email), 200, email)
      assertAnswer(await logout(access_token), 200)
      assertAnswer(await me(other.access_token), 200)
      assertProblem(await stage.api("POST", "/v1/auth/logout"), 401)
    })
  })

  describe("verification by mail", () => {
    const message = "If the email exists, a verification link has been sent"
    const ask = (email: string) => post("/auth/verify-email", { email })
    const open = (token: string) => stage.api("GET", `/v1/auth/verify-email/${token}`)
    const linkTo = async (email: string, count = 1) =>
      (await stage.inbox.wait(email, VERIFY, count)).map((mail) => taken(mail, VERIFY_TOKEN))

    it("answers the same for every address, and the mail carries the link", async () => {
      const { email } = await register()
      for (const address of [email, newEmail()]) assertAnswer(await ask(address), 200, { message })
      assert.equal((await linkTo(email, 2)).length, 2)
    })

    it("takes the link once, and one use ends all of several", async () => {
      const { email, access_token } = await register()
      assertAnswer(await ask(email), 200)
      const [older = "", newer = ""] = await linkTo(email, 2)
      assertAnswer(await open(older), 200, { message: "Email verified successfully" })
      assertAnswer(await me(access_token), 200, { email_verified: true })
      for (const spent of [older, newer, "made-up"]) assertProblem(await open(spent), 400)
    })

    it("shows a person's browser a page, which verifies by its button", async () => {
      const { email, access_token } = await register()
      const [token = ""] = await linkTo(email)
      const browser = { headers: { Accept: "text/html,application/xhtml+xml" } }
      const page = await stage.api("GET", `/v1/auth/verify-email/${token}`, browser)
      assert.match(String(page.headers.get("content-type")), /^text\/html/)
      assertAnswer(await me(access_token), 200, { email_verified: false })
      const pressed = await stage.api("POST", `/v1/auth/verify-email/${token}`, { ...browser, form: {} })
      assert.equal(pressed.status, 200)
      assertAnswer(await me(access_token), 200, { email_verified: true })
    })

    it("refuses a link after a day", async function () {
      if (!stage.elapse) this.skip()
      const { email } = await register()
      const [token = ""] = await linkTo(email)
      await stage.elapse(86_401)
      assertProblem(await open(token), 400)
    })

    it("takes the same time for a known and an unknown address", async function () {
      this.timeout(300_000)
      const { email } = await register()
      await assertSameTime(
        () => ask(email),
        () => ask(newEmail()),
      )
    })
  })

  describe("reset by mail", () => {
    const message = "If the email exists, a reset link has been sent"
    const forget = (email: string) => post("/auth/forgot-password", { email })
    const reset = (token: string, new_password = NEW_PASSWORD) =>
      post("/auth/reset-password", { token, new_password })
    const tokensTo = async (email: string, count = 1) =>
      (await stage.inbox.wait(email, RESET, count)).map((mail) => taken(mail, RESET_TOKEN))

    it("answers the same for every address, sets the password, and ends every session", async () => {
      const { email, access_token, refresh_token } = await register()
      for (const address of [email, newEmail()]) assertAnswer(await forget(address), 200, { message })
      const [token = ""] = await tokensTo(email)
      assertAnswer(await reset(token), 200, { message: "Password reset successfully" })

      assertProblem(await me(access_token), 401)
      assertProblem(await refresh(refresh_token), 401)
      assertProblem(await login(email), 401)
      assertTokens(await login(email, NEW_PASSWORD), 200, email, true)
    })

    it("refuses a bad or spent token with 400, and one reset ends all of several", async () => {
      const { email } = await register()
      assertAnswer(await forget(email), 200)
      assertAnswer(await forget(email), 200)
      const [older = "", newer = ""] = await tokensTo(email, 2)
      assertProblem(await reset(older, "short"), 400, { code: "request.invalid" })
      assertAnswer(await reset(older), 200)
      for (const spent of [older, newer, "made up"]) assertProblem(await reset(spent, PASSWORD), 400)
      assertTokens(await login(email, NEW_PASSWORD), 200, email, true)
    })

    it("refuses a token after an hour", async function () {
      if (!stage.elapse) this.skip()
      const { email } = await register()
      assertAnswer(await forget(email), 200)
      const [token = ""] = await tokensTo(email)
      await stage.elapse(3_601)
      assertProblem(await reset(token), 400)
    })

    it("takes the same time for a known and an unknown address", async function () {
      this.timeout(300_000)
      const { email } = await register()
      await assertSameTime(
        () => forget(email),
        () => forget(newEmail()),
      )
    })
  })

  describe("POST /v1/notifications/mark-all-read", () => {
    it("answers 200, and needs a token", async () => {
      const { access_token } = await register()
      const message = "All notifications marked as read"
      assertAnswer(await markAllRead(access_token), 200, { message })
      assertProblem(await markAllRead(), 401)
      assertProblem(await markAllRead("made up"), 401)
    })

    it("marks what a service sent", async function () {
      if (!stage.serviceClientSecret) this.skip()
      const { access_token, user } = await register()
      const authorization = `Basic ${Buffer.from(`backend:${stage.serviceClientSecret}`).toString("base64")}`
      const grant = await stage.api("POST", "/oidc/token", {
        form: { grant_type: "client_credentials", scope: "notifications:write" },
        headers: { Authorization: authorization },
      })
      const note = { user_id: user.id, title: "A match", body: "Somebody likes your profile." }
      assertAnswer(await post("/notifications", note, String(grant.body.access_token)), 201)

      const unread = async () => {
        const { body } = await stage.api("GET", "/v1/notifications", { token: access_token })
        return (body.items as { is_read: boolean }[]).map(({ is_read }) => is_read)
      }
      assert.deepEqual(await unread(), [false])
      assertAnswer(await markAllRead(access_token), 200)
      assert.deepEqual(await unread(), [true])
    })
  })
})
