import assert from "node:assert/strict"
import { type TestDatabase, testDatabase } from "@gatepost/testkit"
import supertest from "supertest"
import { type ServiceChild, startChild } from "./support/child.js"
import { basic } from "./support/service-client.js"
import { SECRETS, settings } from "./support/setup.js"

const CANARY = "canary-4Xw8qT1nLz"

// check 119: the whole output of a process at its most talkative.
describe("what is logged", () => {
  let db: TestDatabase
  let service: ServiceChild
  let http: ReturnType<typeof supertest>

  before(async () => {
    db = await testDatabase()
    service = await startChild({ ...settings(db), LOG_LEVEL: "trace" })
    http = supertest(service.url)
  })
  after(async () => {
    service.child.kill("SIGTERM")
    await service.exited
    await db.drop()
  })

  const lines = () => service.output().split("\n").filter(Boolean)
  /** The output comes through a pipe, so a little later than the answer. */
  async function untilLogged(text: string): Promise<void> {
    while (!service.output().includes(text)) await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const post = (path: string) => http.post(path).set("Content-Type", "application/json")

  it("has no secret, wherever a request carries one, broken ones too", async () => {
    const person = { email: "canary@example.com", password: `${CANARY}-password` }
    const { body } = await http.post("/v1/auth/register").send(person).expect(201)
    await http
      .post("/v1/auth/login")
      .send({ ...person, password: `${CANARY}-wrong` })
      .expect(401)
    await http
      .post("/v1/auth/refresh")
      .send({ refresh_token: `${CANARY}-refresh` })
      .expect(401)
    await http.post("/v1/auth/refresh").send({ refresh_token: body.refresh_token }).expect(200)
    await http
      .post("/v1/auth/reset-password")
      .send({ token: CANARY, new_password: `${CANARY}-new` })
      .expect(400)
    await http.get("/v1/auth/me").set("Authorization", `Bearer ${CANARY}`).expect(401)
    await http.get("/v1/auth/me").set("Authorization", `Bearer ${body.access_token}`).expect(200)
    await http.get("/v1/auth/me").set("Cookie", `session=${CANARY}`).expect(401)
    await http.get(`/v1/auth/verify-email/${CANARY}`).expect(400)
    await http.get(`/reset-password?token=${CANARY}`).expect(400)
    await http.get(`/v1/auth/nowhere/${CANARY}?token=${CANARY}`).expect(404)
    await http
      .post("/oidc/token")
      .set("Authorization", basic("backend", CANARY))
      .type("form")
      .send(`code=${CANARY}`)
    await http.get(`/oidc/auth?client_id=backend&code_challenge=${CANARY}&state=${CANARY}`)

    await post("/v1/auth/login").send(`{"password":"${CANARY}" "x"`).expect(400)
    await post("/v1/auth/login").send(`{"email":"${CANARY}","email":"${CANARY}"}`).expect(400)
    await post("/v1/auth/login").send(`["${CANARY}"]`).expect(400)
    await post("/v1/auth/login").set("Content-Type", "text/plain").send(CANARY).expect(415)
    await post("/v1/auth/login").set("Content-Encoding", CANARY).send("{}").expect(415)

    const last = await http.get("/nowhere").expect(404)
    await untilLogged(String(last.headers["x-request-id"]))
    const told = lines().filter(
      (line) => line.includes(CANARY) || line.includes(body.access_token.slice(-40)),
    )
    assert.deepEqual(told, [])
    for (const secret of [...Object.values(SECRETS), body.refresh_token]) {
      assert.ok(!service.output().includes(secret))
    }
  })

  // What PostgreSQL says of a failed statement has the whole row in it.
  it("has no secret of a request that failed on our side, nor its row", async () => {
    const tables = ["auth.accounts", "auth.sessions", "auth.refresh_tokens", "mail.messages"]
    for (const [index, table] of tables.entries()) {
      await db.query(`alter table ${table} add constraint never check (false) not valid`)
      const person = { email: `failing${index}@example.com`, password: `${CANARY}-password`, name: CANARY }
      const { body } = await http.post("/v1/auth/register").send(person).expect(500)
      await db.query(`alter table ${table} drop constraint never`)
      await untilLogged(body.instance.replace("urn:uuid:", ""))
    }
    const told = lines().filter((line) => /argon2id|\\\\x[0-9a-f]{32}/.test(line) || line.includes(CANARY))
    assert.deepEqual(told, [])
  })

  it("has no fault of ours for what a sender made up", async () => {
    await http.get("/oidc/session/end?state=%00").set("Accept", "text/html").expect(400)
    await http.get("/oidc/session/end?state=%00").expect(400)
    const last = await http.get("/nowhere").expect(404)
    await untilLogged(String(last.headers["x-request-id"]))
    assert.deepEqual(
      lines().filter((line) => line.includes("the OpenID Provider failed")),
      [],
    )
  })

  // check 118
  it("is one line of JSON per event, whatever a client calls itself", async () => {
    const hostile = 'x\\n{"level":"fatal"}\u001b[31m'
    const agent = `${hostile}${"A".repeat(8_000)}`.replace(/[^\x20-\x7e]/g, "")
    for (const path of ["/v1/auth/me", "/v1/auth/nowhere%0a%7b%22level%22%3a60%7d"]) {
      await http.get(path).set({ "User-Agent": agent, "X-Request-Id": agent, "X-Client-Id": agent })
    }
    const last = await http.get("/nowhere").expect(404)
    await untilLogged(String(last.headers["x-request-id"]))
    for (const line of lines().filter((line) => !line.startsWith("oidc-provider "))) {
      const event = JSON.parse(line)
      assert.deepEqual([event.service, typeof event.time, typeof event.msg], ["auth", "string", "string"])
      assert.ok(line.length < 8_000)
    }
  })
})
