import assert from "node:assert/strict"
import { startTcpProxy, type TcpProxy, type TestDatabase, testDatabase, until } from "@gatepost/testkit"
import { logIn, me, PASSWORD, refresh, register } from "./support/people.js"
import { authorization, openBrowser, refreshAtTokenEndpoint } from "./support/relying-party.js"
import { serviceToken } from "./support/service-client.js"
import { type AuthProcess, startProcess } from "./support/setup.js"

// R2, R3
describe("while PostgreSQL is away", () => {
  let db: TestDatabase
  let proxy: TcpProxy
  let auth: AuthProcess

  before(async () => {
    db = await testDatabase()
    proxy = await startTcpProxy(db.urlOf("gatepost_auth"))
    auth = await startProcess(db, { DATABASE_URL: proxy.url, RATE_LIMITS: "on" })
  })
  after(async () => {
    await auth.stop()
    await proxy.close()
    await db.drop()
  })

  const readiness = async () => (await auth.http.get("/readyz")).status

  const untilReadiness = (status: number) =>
    until(`/readyz answers ${status}`, async () => (await readiness()) === status)

  it("the service lives, isn't ready, and tells every caller to come back", async () => {
    const person = await register(auth)
    const service = await serviceToken(auth)
    await untilReadiness(200)
    proxy.cut()

    for (const answer of [
      await me(auth, person.access_token),
      await refresh(auth, person.refresh_token),
      await logIn(auth, person.user.email),
      await auth.http.post("/v1/auth/register").send({ email: "new@example.com", password: PASSWORD }),
      await auth.http.post("/v1/auth/forgot-password").send({ email: person.user.email }),
      await auth.http.get("/auth/verify-email/some-token"),
    ]) {
      assert.equal(answer.status, 503, answer.text)
      assert.match(String(answer.headers["retry-after"]), /^[1-9]\d*$/)
      assert.ok(["server.unavailable", undefined].includes(answer.body.code))
    }
    await untilReadiness(503)
    await auth.http.get("/livez").expect(200)
    await auth.http.get("/.well-known/jwks.json").expect(200)
    const { body } = await auth.http.get("/health").expect(200)
    assert.deepEqual(
      [body.status, body.checks],
      ["degraded", { database: "failing", clock: "ok", schema: "ok" }],
    )
    // What needs no database is answered as always.
    await me(auth, "made up").expect(401)
    await me(auth, service).expect(403)

    proxy.restore()
    await untilReadiness(200)
    await me(auth, person.access_token).expect(200)
    await refresh(auth, person.refresh_token).expect(200)
    await logIn(auth, person.user.email).expect(200)
  })

  it("so does the OpenID Provider, in RFC 6749's words to clients and with a page to people", async () => {
    const client = { clientId: "jobswipe", redirectUri: "jobswipe://callback" }
    const request = authorization({ ...client, scope: "openid" })
    const browser = openBrowser(auth)
    const person = await register(auth)
    const signIn = await browser.follow(await browser.get(request.path))
    assert.match(signIn.path, /^\/interaction\//)
    proxy.cut()

    const token = await refreshAtTokenEndpoint(auth, client, person.refresh_token)
    assert.deepEqual([token.status, token.body.error], [503, "temporarily_unavailable"])
    assert.match(String(token.headers["retry-after"]), /^[1-9]\d*$/)
    for (const path of [request.path, signIn.path]) {
      const answer = await browser.get(path)
      assert.equal(answer.status, 503, `${path}: ${answer.text}`)
      assert.match(String(answer.headers.get("retry-after")), /^[1-9]\d*$/)
      if (path === request.path) assert.match(answer.text, /<main>[\s\S]*temporarily_unavailable/)
    }

    proxy.restore()
    await untilReadiness(200)
    assert.equal((await browser.get(signIn.path)).status, 200)
    await refreshAtTokenEndpoint(auth, client, person.refresh_token).expect(200)
  })

  // check 114
  it("many probes at once make one look at the database", async () => {
    await me(auth, (await register(auth)).access_token).expect(200)
    const before = proxy.chunks()
    await Promise.all(Array.from({ length: 100 }, readiness))
    const looks = proxy.chunks() - before
    assert.ok(looks <= 10, `${looks} messages to the database`)
  })
})

// R2
describe("over a schema that lacks a step", () => {
  it("the service isn't ready, until it is migrated", async () => {
    const db = await testDatabase()
    const newest = "name = (select max(name) from auth.schema_migrations)"
    const [step] = await db.query(`delete from auth.schema_migrations where ${newest} returning *`)
    const auth = await startProcess(db)
    const { body } = await auth.http.get("/readyz").expect(503)
    assert.equal(body.checks.schema, "failing")
    await auth.http.get("/livez").expect(200)

    const again = "insert into auth.schema_migrations (name, batch, migration_time) values (?, 1, now())"
    await db.query(again, [step?.name as never])
    await until("it is ready", async () => (await auth.http.get("/readyz")).status === 200)
    await auth.stop()
    await db.drop()
  })
})
