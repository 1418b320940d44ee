import assert from "node:assert/strict"
import { logIn, newEmail, PASSWORD, register } from "../support/people.js"
import { type Bundle, setup } from "../support/setup.js"

describe("registration", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  const post = (body: object) => auth.http.post("/v1/auth/register").send(body)
  const rowsOf = (email: string) =>
    auth.db.query<Record<string, unknown>>("select * from auth.accounts where email = ?", [email])

  // check 29
  it("answers the token response, the same members for every client", async () => {
    const { body } = await post({ email: "Jane.Doe@Example.com", password: PASSWORD }).expect(201)
    const { id, created_at } = body.user

    assert.deepEqual(
      Object.keys(body).sort(),
      ["access_token", "expires_in", "refresh_token", "token_type", "user"].sort(),
    )
    assert.equal(body.token_type, "bearer")
    assert.equal(body.expires_in, 1800)
    assert.match(body.refresh_token, /^[\w-]{43}$/)
    assert.deepEqual(body.user, {
      id,
      email: "jane.doe@example.com",
      is_active: true,
      email_verified: false,
      created_at,
    })
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.match(created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
    const claims = JSON.parse(Buffer.from(body.access_token.split(".")[1], "base64url").toString())
    assert.equal(claims.email_verified, false)
    await logIn(auth, "jane.doe@example.com").expect(200)
  })

  it("writes the account, what the audit needs and the mail", async () => {
    const email = newEmail()
    const answer = await post({ email, password: PASSWORD, name: "Kim Müller" }).expect(201)
    assert.equal(answer.body.user.name, "Kim Müller")

    const [account] = await rowsOf(email)
    assert.match(String(account?.password_hash), /^\$argon2id\$v=19\$m=1024,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
    const events = await auth.db.query(
      `select event, outcome, client_id, host(ip) as ip, request_id from auth.audit_events
       where account_id = ? order by id`,
      [account?.id],
    )
    const request_id = answer.headers["x-request-id"]
    const common = { outcome: "success", request_id }
    assert.deepEqual(
      events.map(({ ip: _, ...event }) => event),
      [
        { event: "account.registered", client_id: null, ...common },
        { event: "session.started", client_id: "jobswipe", ...common },
      ],
    )
    assert.match(String(events[0]?.ip), /127\.0\.0\.1$/)
    const mails = (await auth.mails()).filter(({ recipient }) => recipient === email)
    assert.deepEqual(
      mails.map(({ kind, payload }) => [kind, payload.greeting_name, payload.app.name]),
      [["verify-email", "Kim", "JobSwipe"]],
    )
    assert.match(
      String(mails[0]?.payload.link),
      /^http:\/\/localhost:8000\/v1\/auth\/verify-email\/[\w-]{43}\?client_id=jobswipe$/,
    )
  })

  // check 23
  it("answers 409 for a known address in every dialect, and changes nothing", async () => {
    const { user } = await register(auth)
    for (const prefix of ["/v1", "/api/v1"]) {
      const answer = await auth.http
        .post(`${prefix}/auth/register`)
        .send({ email: user.email, password: "another password" })
        .expect(409)
      assert.equal(answer.body.code, "account.email-taken")
    }
    const answer = await auth.http.post("/auth/register").send({ email: user.email, password: PASSWORD })
    assert.deepEqual(answer.body, {
      error: "account_email_taken",
      detail: { message: "An account with this email exists already" },
      status_code: 409,
    })
    assert.equal((await rowsOf(user.email)).length, 1)
    await logIn(auth, user.email).expect(200)
  })

  // check 19
  it("takes nothing from the body but what it names", async () => {
    const email = newEmail()
    const id = "00000000-0000-7000-8000-000000000000"
    const roles = { role: "admin", roles: ["admin"], is_admin: true, tenant_id: id, mfa_enabled: false }
    const state = { email_verified: true, emailVerified: true, verified: true, is_active: false }
    const columns = {
      id,
      sub: id,
      created_at: "2000-01-01T00:00:00Z",
      email_verified_at: "2000-01-01T00:00:00Z",
      disabled_at: "2000-01-01T00:00:00Z",
      password_hash: "$argon2id$v=19$m=1024,t=1,p=1$AAAA$AAAA",
    }
    const { body } = await post({ ...roles, ...state, ...columns, email, password: PASSWORD }).expect(201)
    assert.deepEqual([body.user.email_verified, body.user.is_active], [false, true])

    const [account] = await rowsOf(email)
    assert.notEqual(account?.id, id)
    assert.notEqual(account?.password_hash, columns.password_hash)
    assert.deepEqual([account?.email_verified_at, account?.disabled_at], [null, null])
    assert.notEqual(new Date(String(account?.created_at)).getFullYear(), 2000)
    await logIn(auth, email).expect(200)
  })

  for (const [table, what] of [
    ["mail.messages", "mail"],
    ["auth.audit_events", "audit event"],
    ["auth.refresh_tokens", "session"],
  ] as const) {
    it(`does nothing at all when the ${what} can't be written`, async () => {
      const email = newEmail()
      await auth.db.query(`revoke insert on ${table} from gatepost_auth`)
      try {
        const { status, body } = await post({ email, password: PASSWORD })
        assert.deepEqual([status, body.code], [500, "server.unexpected"])
      } finally {
        await auth.db.query(`grant insert on ${table} to gatepost_auth`)
      }
      assert.deepEqual(await rowsOf(email), [])
      const [left] = await auth.db.query(
        `select (select count(*)::int from mail.messages where recipient = :email) as mails,
           (select count(*)::int from auth.sessions where account_id not in (select id from auth.accounts)) as sessions,
           (select count(*)::int from auth.audit_events where account_id not in (select id from auth.accounts)) as events`,
        { email },
      )
      assert.deepEqual(left, { mails: 0, sessions: 0, events: 0 })
      await post({ email, password: PASSWORD }).expect(201)
    })
  }
})
