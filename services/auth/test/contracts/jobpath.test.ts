import assert from "node:assert/strict"
import { createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify } from "jose"
import { assertAnswer, assertError, assertTokens } from "./support/api.js"
import { newEmail, PASSWORD } from "./support/people.js"
import { type Stage, setStage } from "./support/stage.js"
import { assertSameTime } from "./support/timing.js"

describe("JobPath's client: /auth", () => {
  let stage: Stage
  let keys: JWTVerifyGetKey

  before(async function () {
    stage = await setStage(this, "jobpath")
    keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", stage.url))
  })
  after(() => stage.strike())

  const signup = (email: string, password = PASSWORD) =>
    stage.api("POST", "/auth/signup", { json: { email, password } })
  const login = (email: string, password = PASSWORD) =>
    stage.api("POST", "/auth/login", { json: { email, password } })

  async function newPerson() {
    const email = newEmail("jobpath")
    assertAnswer(await signup(email), 201)
    return { email, ...assertTokens(await login(email), 200, email) }
  }

  it("POST /auth/signup: 201 with the account", async () => {
    const email = newEmail("jobpath")
    const { created_at } = assertAnswer(await signup(email), 201, { id: /^[0-9a-f-]{36}$/, email })
    assert.ok(Math.abs(Date.parse(String(created_at)) - Date.now()) < 3_600_000)
  })

  it("POST /auth/signup: 409 for a known address, 400 for what is invalid", async () => {
    const { email } = await newPerson()
    assertError(await signup(email), 409)
    assertError(await signup(email.toUpperCase()), 409)
    assertError(await signup("nobody"), 400)
    assertError(await signup(newEmail(), "short"), 400)
    assertError(await stage.api("POST", "/auth/signup", { json: {} }), 400)
  })

  it("POST /auth/login: 200 with the token, its type and the user", async () => {
    const { email, user } = await newPerson()
    const answer = await login(email)
    assertAnswer(answer, 200, { token_type: "bearer", user: { id: user.id, email, is_active: true } })
    assertTokens(answer, 200, email)
  })

  it("POST /auth/login: 401 to the letter, for a wrong password and an unknown address", async () => {
    const { email } = await newPerson()
    for (const answer of [await login(email, "not the password"), await login(newEmail())]) {
      assert.deepEqual(assertAnswer(answer, 401), {
        error: "invalid_credentials",
        detail: { message: "Invalid email or password" },
        status_code: 401,
      })
    }
  })

  it("POST /auth/login: takes the same time for a wrong password and an unknown address", async function () {
    this.timeout(300_000)
    const { email } = await newPerson()
    await assertSameTime(
      () => login(email, "not the password"),
      () => login(newEmail(), "not the password"),
    )
  })

  it("GET /auth/me: 200 with the account, 401 without a token", async () => {
    const { access_token, email, user } = await newPerson()
    const answer = await stage.api("GET", "/auth/me", { token: access_token })
    assertAnswer(answer, 200, { id: user.id, email, is_active: true })
    assertError(await stage.api("GET", "/auth/me"), 401)
    assertError(await stage.api("GET", "/auth/me", { token: "made up" }), 401)
  })

  it("POST /auth/logout: 200, and the token can't be reused", async () => {
    const { access_token, refresh_token } = await newPerson()
    const answer = await stage.api("POST", "/auth/logout", { token: access_token })
    assertAnswer(answer, 200, { message: "Logged out successfully" })
    assertError(await stage.api("GET", "/auth/me", { token: access_token }), 401)
    assertError(await stage.api("POST", "/auth/logout", { token: access_token }), 401)
    assertError(await stage.api("POST", "/auth/refresh", { json: { refresh_token } }), 401)
  })

  it("the access token has user_id, the same as sub, and email, under a published key", async () => {
    const { access_token, user, email } = await newPerson()
    const { payload, protectedHeader } = await jwtVerify(access_token, keys)
    assert.equal(protectedHeader.alg, "RS256")
    assert.deepEqual([payload.sub, payload.user_id, payload.email], [user.id, user.id, email])
    assert.equal(Number(payload.exp) - Number(payload.iat), 1_800)
  })

  it("GET /docs, /redoc and /openapi.json: Swagger UI, ReDoc and the document", async () => {
    for (const [path, content] of [
      ["/docs", /swagger-ui/],
      ["/redoc", /redoc/],
    ] as const) {
      const page = await stage.api("GET", path, { headers: { Accept: "text/html" } })
      assert.equal(page.status, 200)
      assert.match(String(page.headers.get("content-type")), /^text\/html/)
      assert.match(page.text, content)
    }
    const document = assertAnswer(await stage.api("GET", "/openapi.json"), 200, { openapi: /^3\.1/ })
    assert.ok(Object.keys(document.paths as object).length > 10)
  })
})
