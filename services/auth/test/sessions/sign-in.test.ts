import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { hash, verify } from "argon2"
import { logIn, me, newEmail, PASSWORD, register } from "../support/people.js"
import { type Bundle, setup } from "../support/setup.js"

describe("sign-in", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  const hashOf = async (id: string) => {
    const [row] = await auth.db.query<{ password_hash: string }>(
      "select password_hash from auth.accounts where id = ?",
      [id],
    )
    return row?.password_hash ?? ""
  }

  it("answers the token response, of a session of its own", async () => {
    const first = await register(auth)
    const { body } = await logIn(auth, first.user.email).expect(200)

    assert.deepEqual(Object.keys(body).sort(), Object.keys(first).sort())
    assert.deepEqual(body.user, first.user)
    assert.notEqual(body.refresh_token, first.refresh_token)
    await me(auth, body.access_token).expect(200)
    const events = await auth.db.query(
      "select event from auth.audit_events where account_id = ? order by id desc limit 1",
      [first.user.id],
    )
    assert.deepEqual(events, [{ event: "session.started" }])
  })

  it("knows the address in any case", async () => {
    const { user } = await register(auth, "Casey@Example.com")
    const { body } = await logIn(auth, " CASEY@example.COM ").expect(200)
    assert.equal(body.user.id, user.id)
  })

  // check 24, check 41
  it("refuses a wrong password, an unknown address and a disabled account in the same words", async () => {
    const { user } = await register(auth)
    const disabled = await register(auth)
    await auth.db.query("update auth.accounts set disabled_at = now() where id = ?", [disabled.user.id])
    const attempts: [string, string][] = [
      [user.email, "not the password"],
      [newEmail(), PASSWORD],
      [disabled.user.email, PASSWORD],
    ]

    for (const prefix of ["/v1", "/api/v1", ""]) {
      const answers = []
      for (const [email, password] of attempts) {
        const { status, body, headers } = await auth.http
          .post(`${prefix}/auth/login`)
          .send({ email, password })
        const { instance: _, ...told } = body
        const { "x-request-id": __, date: ___, "content-length": ____, ...shown } = headers
        answers.push(JSON.stringify({ status, told, shown }))
      }
      assert.equal(new Set(answers).size, 1, answers.join("\n"))
      assert.match(answers[0] ?? "", /"status":401/)
    }
    const { body } = await auth.http.post("/auth/login").send({ email: newEmail(), password: PASSWORD })
    assert.deepEqual(body, {
      error: "invalid_credentials",
      detail: { message: "Invalid email or password" },
      status_code: 401,
    })
  })

  it("records a refusal, with the account where there is one", async () => {
    const { user } = await register(auth)
    const known = await logIn(auth, user.email, "not the password").expect(401)
    const unknown = await logIn(auth, newEmail()).expect(401)
    for (const [answer, account_id] of [
      [known, user.id],
      [unknown, null],
    ] as const) {
      const events = await auth.db.query(
        "select event, outcome, account_id from auth.audit_events where request_id = ?",
        [answer.headers["x-request-id"]],
      )
      assert.deepEqual(events, [{ event: "session.refused", outcome: "failure", account_id }])
    }
  })

  // check 33
  it("renews a hash of another cost, once the password was right", async () => {
    const { user } = await register(auth)
    const old = await hash(PASSWORD, { type: 2, memoryCost: 8_192, timeCost: 3, parallelism: 1 })
    await auth.db.query("update auth.accounts set password_hash = ? where id = ?", [old, user.id])

    await logIn(auth, user.email, "not the password").expect(401)
    assert.equal(await hashOf(user.id), old)

    await logIn(auth, user.email).expect(200)
    const renewed = await hashOf(user.id)
    assert.match(renewed, /^\$argon2id\$v=19\$m=1024,t=1,p=1\$/)
    assert.ok(await verify(renewed, PASSWORD))
    await logIn(auth, user.email).expect(200)
    assert.equal(await hashOf(user.id), renewed)
  })

  it("lets everybody in who signs in at the same time while the hash is renewed", async () => {
    const { user } = await register(auth)
    const old = await hash(PASSWORD, { type: 2, memoryCost: 1_024, timeCost: 2, parallelism: 1 })
    await auth.db.query("update auth.accounts set password_hash = ? where id = ?", [old, user.id])
    const answers = await race(16, () => logIn(auth, user.email))
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  })

  // check 36
  it("takes a password however its characters are composed, and every space in it", async () => {
    const email = newEmail()
    const registration = { email, password: "  caf\u00e9 \u212bngstr\u00f6m  " }
    await auth.http.post("/v1/auth/register").send(registration).expect(201)

    await logIn(auth, email, registration.password).expect(200)
    await logIn(auth, email, "  cafe\u0301 A\u030angstro\u0308m  ").expect(200)
    await logIn(auth, email, registration.password.trim()).expect(401)
    await logIn(auth, email, registration.password.replaceAll("  ", " ")).expect(401)
    await logIn(auth, email, registration.password.toUpperCase()).expect(401)
  })

  // check 31
  it("compares a long password to its last character", async () => {
    const email = newEmail()
    const password = "a".repeat(256)
    await auth.http.post("/v1/auth/register").send({ email, password }).expect(201)
    await logIn(auth, email, `${"a".repeat(255)}b`).expect(401)
    await logIn(auth, email, "a".repeat(255)).expect(401)
    await logIn(auth, email, password).expect(200)
    await logIn(auth, email, `${password}a`).expect(400)
  })
})
