import assert from "node:assert/strict"
import { scopes } from "@gatepost/contracts"
import { createSealer } from "@gatepost/runtime"
import { type TestDatabase, testDatabase, testRedis, until } from "@gatepost/testkit"
import { Redis } from "ioredis"
import supertest from "supertest"
import { type RouteParts, routes } from "#src/routes.js"
import { assertSameTime } from "../contracts/support/timing.js"
import { type ServiceChild, startChild } from "../support/child.js"
import { dump } from "../support/dump.js"
import { logIn, logOut, newEmail, PASSWORD, register, type Tokens } from "../support/people.js"
import { askForToken, serviceToken } from "../support/service-client.js"
import { type AuthProcess, processAt, SECRETS, settings } from "../support/setup.js"
import { openSlowSockets, type SlowSockets } from "./support/slow-sockets.js"

const IS_LONG = process.env.ATTACK_ROUNDS !== undefined
const SLOW = IS_LONG ? 500 : 40

// The generated input is part of each service's contract.test.ts; `npm run attack` runs more of it.
describe("a service under attack", function () {
  this.timeout(IS_LONG ? 300_000 : 60_000)
  let db: TestDatabase
  let child: ServiceChild
  let auth: AuthProcess
  let redisUrl: string
  let slow: SlowSockets

  before(async function () {
    redisUrl = await testRedis(this)
    db = await testDatabase()
    child = await startChild({ ...settings(db), REDIS_URL: redisUrl, LOG_LEVEL: "trace" })
    auth = processAt(child.url)
    slow = openSlowSockets(child.url, SLOW)
  })
  after(async () => {
    slow?.stop()
    child?.child.kill("SIGTERM")
    await child?.exited
    await db?.drop()
  })

  const call = (method: string, path: string, token?: string) => {
    const [verb, url] = [
      method as "get",
      `/v1${path.replaceAll(/\{\w+\}/g, "00000000-0000-7000-8000-000000000000")}`,
    ]
    const request = supertest(child.url)[verb](url)
    if (method !== "get") request.send({})
    return token ? request.set("Authorization", `Bearer ${token}`) : request
  }

  // checks 41, 66 and 108: what nobody may, nobody may at any route.
  it("lets in nobody whose session ended, whose account is disabled or gone, or whose token is for another scope", async () => {
    const all = routes({} as RouteParts, { minLength: 8 }).filter(({ access }) => access !== "public")
    const ended = await register(auth)
    await logOut(auth, ended.access_token).expect(200)
    const disabled = await register(auth)
    await db.query("update auth.accounts set disabled_at = now() where id = ?", [disabled.user.id])
    const gone = await register(auth)
    await auth.http
      .delete("/v1/users/me")
      .set("Authorization", `Bearer ${gone.access_token}`)
      .send({})
      .expect(202)
    for (const { method, path, access } of all) {
      if (!("user" in access)) continue
      for (const [who, { access_token }] of Object.entries({ ended, disabled, gone })) {
        const { status, body } = await call(method, path, access_token)
        assert.deepEqual([status, body.code], [401, "token.invalid"], `${who}: ${method} ${path}`)
      }
    }
    for (const scope of Object.keys(scopes)) {
      const form = { grant_type: "client_credentials", scope }
      const { body } = await askForToken(auth, form)
      if (!body.access_token) continue
      for (const { method, path, access } of all) {
        if ("service" in access && access.service === scope) continue
        const { status } = await call(method, path, body.access_token)
        assert.equal(status, 403, `${scope}: ${method} ${path}`)
      }
    }
    for (const { method, path } of all)
      assert.equal((await call(method, path)).status, 401, `${method} ${path}`)
  })

  // checks 106 and 119
  it("leaves no secret in the logs, in Redis or in the database", async () => {
    const canary = `canary ${newEmail()}`
    const email = newEmail()
    const { body } = await auth.http.post("/v1/auth/register").send({ email, password: canary }).expect(201)
    const tokens: Tokens = body
    const next: Tokens = (
      await auth.http.post("/v1/auth/refresh").send({ refresh_token: tokens.refresh_token })
    ).body
    const kept = await auth.http.post("/v1/auth/login").send({ email, password: canary, device_token: null })
    await auth.http.post("/v1/auth/forgot-password").send({ email }).expect(200)
    await auth.http
      .post("/v1/auth/login")
      .set("Content-Type", "application/json")
      .send(`{"password":"${canary}" "x"`)
    await serviceToken(auth)
    const secrets = [
      canary,
      next.refresh_token,
      tokens.refresh_token,
      kept.body.device_token,
      ...(await inMails(email)),
    ]
    for (const token of [tokens, next]) secrets.push(token.access_token.split(".")[2] ?? "")
    secrets.push(...Object.values(SECRETS))
    assert.ok(secrets.length >= 14 && secrets.every((secret) => secret.length >= 8))

    const last = await auth.http.get("/nowhere").expect(404)
    await until("the last line", async () => child.output().includes(String(last.headers["x-request-id"])))
    const places = new Map([...(await dump(db)), ["the log", child.output()], ["Redis", await dumpRedis()]])
    assert.ok(places.get("auth.accounts")?.includes(email))
    const told = secrets.flatMap((secret) =>
      [...places].filter(([, text]) => text.includes(secret)).map(([place]) => `${secret} in ${place}`),
    )
    assert.deepEqual(told, [])
  })

  /** Tokens of links, and codes that are long enough to be found by no chance. */
  async function inMails(email: string): Promise<string[]> {
    const sealer = createSealer(SECRETS.MAIL_ENCRYPTION_SECRET, "mail")
    const rows = await db.query<{ id: string; payload: Buffer }>(
      "select id, payload from mail.messages where recipient = ?",
      [email],
    )
    const texts = rows.map(({ id, payload }) => sealer.open(payload, id))
    const found = texts.flatMap((text) =>
      [...text.matchAll(/[\w-]{43}|(?<="digits":")\d{8}/g)].map(([secret]) => secret),
    )
    assert.equal(found.length, 3)
    return found
  }

  async function dumpRedis(): Promise<string> {
    const redis = new Redis(redisUrl)
    const parts: string[] = []
    for (const key of await redis.keys("*")) {
      const value = await redis.dumpBuffer(key)
      parts.push(key, value?.toString("latin1") ?? "")
    }
    redis.disconnect()
    return parts.join("\n")
  }

  // check 24, the T-rule: nobody can tell from the time of an answer who has an account.
  it("takes as long for somebody it does not know", async () => {
    const { user } = await register(auth)
    const off = await register(auth)
    await db.query("update auth.accounts set disabled_at = now() where id = ?", [off.user.id])
    const unknown = () => logIn(auth, newEmail(), "not the password")
    await assertSameTime(() => logIn(auth, user.email, "not the password"), unknown)
    if (!IS_LONG) return
    await assertSameTime(() => logIn(auth, off.user.email, PASSWORD), unknown)
    for (const path of ["forgot-password", "verify-email", "send-verification-code"]) {
      const ask = (email: string) => auth.http.post(`/v1/auth/${path}`).send({ email })
      await assertSameTime(
        () => ask(user.email),
        () => ask(newEmail()),
      )
    }
  })

  // check 8
  it("ends those who send a request byte by byte, and answers everybody else meanwhile", async () => {
    const answered = setInterval(() => void auth.http.get("/livez").then(), 500)
    await until("the end of slow sockets", async () => slow.ended().length === SLOW, 40_000)
    clearInterval(answered)
    await auth.http.get("/livez").expect(200)
    // Ten seconds for the headers, and five until the next look at connections.
    for (const seconds of slow.ended()) assert.ok(seconds > 5 && seconds < 30, `ended after ${seconds} s`)
  })
})
