import assert from "node:assert/strict"
import { assertAnswer, assertProblem, assertTokens } from "./support/api.js"
import { NEW_PASSWORD, newEmail, PASSWORD } from "./support/people.js"
import { type Stage, setStage } from "./support/stage.js"
import { assertSameTime } from "./support/timing.js"

describe("SampleMind's client: /api/v1", () => {
  let stage: Stage

  before(async function () {
    stage = await setStage(this, "samplemind")
  })
  after(() => stage.strike())

  const post = (path: string, json: unknown) => stage.api("POST", `/api/v1/auth/${path}`, { json })
  const login = (email: string, password = PASSWORD) => post("login", { email, password })
  const me = (token: string) => stage.api("GET", "/api/v1/auth/me", { token })

  async function register() {
    const email = newEmail("samplemind")
    return { email, ...assertTokens(await post("register", { email, password: PASSWORD }), 201, email) }
  }

  it("POST /api/v1/auth/register: 201 with the token response; 409 and 400 else", async () => {
    const { email } = await register()
    assertProblem(await post("register", { email, password: PASSWORD }), 409)
    assertProblem(await post("register", { email: "nobody", password: PASSWORD }), 400)
  })

  it("POST /api/v1/auth/login: 200 with the token response, 401 for what is wrong", async () => {
    const { email } = await register()
    assertTokens(await login(email), 200, email)
    const answers = [await login(email, NEW_PASSWORD), await login(newEmail())]
    for (const answer of answers) assertProblem(answer, 401, { code: "session.credentials-invalid" })
  })

  it("POST /api/v1/auth/login: takes the same time for a wrong password and an unknown address", async function () {
    this.timeout(300_000)
    const { email } = await register()
    await assertSameTime(
      () => login(email, NEW_PASSWORD),
      () => login(newEmail(), NEW_PASSWORD),
    )
  })

  it("lives 30 minutes by the access token", async () => {
    const { email } = await register()
    assertAnswer(await login(email), 200, { expires_in: 1_800 })
  })

  it("lives 7 days by the refresh token, from its last use", async function () {
    if (!stage.elapse) this.skip()
    const { email, refresh_token } = await register()
    await stage.elapse(604_770)
    const next = assertTokens(await post("refresh", { refresh_token }), 200, email)
    await stage.elapse(604_801)
    assertProblem(await post("refresh", { refresh_token: next.refresh_token }), 401)
  })

  it("POST /api/v1/auth/refresh: 200 with new tokens; a spent or bad one 401", async () => {
    const { email, refresh_token } = await register()
    const next = assertTokens(await post("refresh", { refresh_token }), 200, email)
    assertTokens(await post("refresh", { refresh_token: next.refresh_token }), 200, email)
    assertProblem(await post("refresh", { refresh_token }), 401)
    assertProblem(await post("refresh", { refresh_token: "made up" }), 401)
  })

  it("GET /api/v1/auth/me: 200 with the account, 401 without a token", async () => {
    const { access_token, email, user } = await register()
    assertAnswer(await me(access_token), 200, { id: user.id, email, is_active: true })
    assertProblem(await stage.api("GET", "/api/v1/auth/me"), 401)
  })

  it("POST /api/v1/auth/logout: 200, and the tokens are dead", async () => {
    const { access_token, refresh_token } = await register()
    assertAnswer(await stage.api("POST", "/api/v1/auth/logout", { token: access_token }), 200)
    assertProblem(await me(access_token), 401)
    assertProblem(await post("refresh", { refresh_token }), 401)
    assertProblem(await stage.api("POST", "/api/v1/auth/logout"), 401)
  })

  it("GET /: what this is, its version and links that lead somewhere", async () => {
    const { links, version } = assertAnswer(await stage.api("GET", "/"), 200, { name: "Gatepost" })
    assert.match(String(version), /^\d+\.\d+\.\d+/)
    for (const link of Object.values(links as Record<string, string>)) {
      const { pathname } = new URL(link)
      assert.equal((await stage.api("GET", pathname)).status, 200, pathname)
    }
  })

  it("GET /health and /api/v1/status: whether all is well, for how long, and part by part", async () => {
    for (const path of ["/health", "/api/v1/status"]) {
      const report = assertAnswer(await stage.api("GET", path), 200, { status: "healthy" })
      assert.match(String(report.version), /^\d+\.\d+\.\d+/)
      assert.ok(Number(report.uptime_seconds) >= 0)
      assert.deepEqual((report.checks as Record<string, string>).database, "ok")
    }
  })

  it("GET /api/docs and /api/redoc: pages of the documentation", async () => {
    for (const path of ["/api/docs", "/api/redoc"]) {
      const page = await stage.api("GET", path, { headers: { Accept: "text/html" } })
      assert.equal(page.status, 200)
      assert.match(page.text, /<!doctype html>/i)
    }
  })
})
