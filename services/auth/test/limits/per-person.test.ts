import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { CLIENTS, setupProvider } from "../oidc/support/apps.js"
import { codeFlow, signIn } from "../oidc/support/flows.js"
import { logIn, newEmail, PASSWORD, refresh } from "../support/people.js"
import { authorization, exchangeCode, openBrowser, refreshAtTokenEndpoint } from "../support/relying-party.js"
import type { AuthProcess, Bundle } from "../support/setup.js"

// SECURITY.md section 2, "Rate limits", the column "per account / recipient"; check 39
describe("limits per person, shared by two processes", () => {
  let auth: Bundle
  let other: AuthProcess
  let network = 0

  before(async () => {
    auth = await setupProvider({ RATE_LIMITS: "on", TRUSTED_PROXY_HOPS: "1" })
    other = await auth.another()
  })
  after(() => auth.stop())

  const at = (attempt: number) => (attempt % 2 ? auth : other)
  /** Each from a network of its own, and with whatever the client makes up in front of it. */
  const elsewhere = () => ({ "X-Forwarded-For": `203.0.113.9, 198.${++network}.100.1` })
  const register = (email: string, attempt = 0, key?: string) =>
    at(attempt)
      .http.post("/v1/auth/register")
      .set({ ...elsewhere(), ...(key && { "Idempotency-Key": key }) })
      .send({ email, password: PASSWORD })

  function assertTooMany(
    answer: { status: number; body: object; headers: Record<string, string> },
    most: number,
  ) {
    assert.equal(answer.status, 429, JSON.stringify(answer.body))
    const seconds = Number(answer.headers["retry-after"])
    assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= most, String(seconds))
  }

  // check 23
  it("stop the fourth registration of an address within the hour, from wherever, also of 16 at once", async () => {
    const email = newEmail()
    const statuses: number[] = []
    for (let attempt = 0; attempt < 3; attempt++) statuses.push((await register(email, attempt)).status)
    assert.deepEqual(statuses, [201, 409, 409])
    for (const attempt of [0, 1]) assertTooMany(await register(email.toUpperCase(), attempt), 3_600)
    await register(newEmail()).expect(201)

    const crowded = newEmail()
    const answers = await race(16, (index) => register(crowded, index))
    assert.equal(answers.filter(({ status }) => status === 429).length, 13)
    assert.equal(answers.filter(({ status }) => status === 201).length, 1)
  })

  it("count a registration that is sent again with its Idempotency-Key once", async () => {
    const email = newEmail()
    const bodies = new Set<string>()
    for (let attempt = 0; attempt < 6; attempt++) {
      const { status, text } = await register(email, attempt, `register-${email}`)
      assert.equal(status, 201)
      bodies.add(text)
    }
    assert.equal(bodies.size, 1)
  })

  // check 60
  it("stop the eleventh refresh of a session within the minute, at both doors, and end nothing", async () => {
    const { tokens } = await codeFlow(auth, { scope: "openid account" })
    let token: string = tokens.refresh_token
    let former = token
    for (let attempt = 0; attempt < 10; attempt++) {
      const answer = await (attempt % 3 === 0
        ? refreshAtTokenEndpoint(at(attempt), CLIENTS.web, token)
        : refresh(at(attempt), token).set(elsewhere()))
      assert.equal(answer.status, 200, `${attempt} ${answer.text}`)
      // What is sent again counts once: it gets the same successor.
      const again = await refresh(at(attempt + 1), token)
        .set(elsewhere())
        .expect(200)
      assert.equal(again.body.refresh_token, answer.body.refresh_token)
      former = token
      token = answer.body.refresh_token
    }
    for (const attempt of [0, 1]) assertTooMany(await refresh(at(attempt), token).set(elsewhere()), 60)
    const atTokenEndpoint = await refreshAtTokenEndpoint(auth, CLIENTS.web, token)
    assertTooMany(atTokenEndpoint, 60)
    assert.equal(atTokenEndpoint.body.error, "temporarily_unavailable")
    assert.equal((await refresh(auth, former).set(elsewhere())).body.refresh_token, token)
    await auth.db.elapse(61)
    await refresh(auth, token).set(elsewhere()).expect(200)
  })

  // check 88
  it("stop the eleventh use of one authorization code", async () => {
    const email = newEmail()
    await register(email).expect(201)
    const request = authorization({ ...CLIENTS.basic, scope: "openid account" })
    const location = await signIn(openBrowser(auth), request, email)
    await exchangeCode(auth, request, location).expect(200)
    for (let attempt = 1; attempt < 10; attempt++)
      await exchangeCode(at(attempt), request, location).expect(400)
    for (const attempt of [0, 1]) assertTooMany(await exchangeCode(at(attempt), request, location), 60)
  })

  // check 111
  it("stop the eleventh API key, and the eleventh passkey, of one account within the hour", async () => {
    const email = newEmail()
    await register(email).expect(201)
    await auth.db.query(
      `with verified as (update auth.accounts set email_verified_at = now() where email = ? returning id)
       insert into auth.role_grants (account_id, client_id, role) select id, '*', 'support' from verified`,
      [email],
    )
    const { body } = await logIn(auth, email).set(elsewhere()).expect(200)
    const call = (attempt: number, path: string, sent: object) =>
      at(attempt)
        .http.post(path)
        .set({ ...elsewhere(), Authorization: `Bearer ${body.access_token}` })
        .send(sent)
    const key = { name: "a program", scopes: ["users:read"] }
    const made = await Promise.all(
      Array.from({ length: 10 }, (_, attempt) => call(attempt, "/v1/api-keys", key)),
    )
    for (const { status, text } of made) assert.equal(status, 201, text)
    for (const attempt of [0, 1]) assertTooMany(await call(attempt, "/v1/api-keys", key), 3_600)

    const data = Buffer.from("{}").toString("base64url")
    const credential = {
      id: data,
      rawId: data,
      type: "public-key",
      clientExtensionResults: {},
      response: { clientDataJSON: data, attestationObject: data, transports: [] },
    }
    for (let attempt = 0; attempt < 10; attempt++) {
      const { body: refusal } = await call(attempt, "/v1/users/me/passkeys", { credential }).expect(400)
      assert.equal(refusal.code, "passkey.registration-invalid")
    }
    for (const attempt of [0, 1])
      assertTooMany(await call(attempt, "/v1/users/me/passkeys", { credential }), 3_600)
  })
})
