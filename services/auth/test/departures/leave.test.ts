import assert from "node:assert/strict"
import { readConfig } from "#src/config.js"
import { wire } from "#src/wiring.js"
import { tablesWith } from "../support/dump.js"
import { logIn, me, newEmail, PASSWORD, refresh, register, type Tokens } from "../support/people.js"
import { serviceToken } from "../support/service-client.js"
import { type AuthProcess, type Bundle, settings, setup } from "../support/setup.js"

const IP = "203.0.113.77"
const AGENT = "LeavingAgent/7.1"
const NAME = "Wilhelmina Quarrelsome"

const leave = ({ http }: AuthProcess, accessToken: string, body: object = { password: PASSWORD }) =>
  http.delete("/v1/users/me").set("Authorization", `Bearer ${accessToken}`).send(body)

// check 115
describe("leaving for good", function () {
  this.timeout(60_000)
  let auth: Bundle
  let other: AuthProcess

  before(async () => {
    auth = await setup({ TRUSTED_PROXY_HOPS: "1" })
    other = await auth.another()
  })
  after(() => auth.stop())

  /** Somebody who has left traces wherever there are any. */
  async function someone(): Promise<Tokens & { addresses: string[] }> {
    const email = `leaver.${newEmail()}`
    const asThem = (call: ReturnType<Bundle["http"]["post"]>) =>
      call.set("X-Forwarded-For", IP).set("User-Agent", AGENT)
    const { body } = await asThem(auth.http.post("/v1/auth/register"))
      .send({ email, password: PASSWORD, name: NAME, device_name: "Wilhelmina's phone" })
      .expect(201)
    const bearer = { Authorization: `Bearer ${body.access_token}` }
    const next = `later.${newEmail()}`
    await asThem(auth.http.post("/v1/users/me/email"))
      .set(bearer)
      .send({ new_email: next, password: PASSWORD })
      .expect(200)
    await asThem(auth.http.post("/v1/auth/forgot-password")).send({ email }).expect(200)
    await asThem(auth.http.post("/v1/auth/login")).send({ email, password: "not the password" }).expect(401)
    await auth.db.query(
      `insert into auth.oidc_artifacts (model, id, payload, expires_at)
       values ('Interaction', :id, jsonb_build_object('params', jsonb_build_object('login_hint', :email::text)),
         now() + interval '1 hour')`,
      { id: email, email },
    )
    return { ...body, addresses: [email, next] }
  }

  it("takes everything personal along, ends every session everywhere, and sets the address free", async () => {
    const person = await someone()
    const { user, access_token, refresh_token } = person
    const elsewhere = (await logIn(other, user.email).expect(200)).body as Tokens
    const needles = [...person.addresses, NAME, "Wilhelmina", IP, AGENT]
    assert.ok((await tablesWith(auth.db, needles)).length > 5)

    const { body } = await leave(auth, access_token).expect(202)
    assert.deepEqual(body, { message: "Your account was deleted", deletes_at: null })
    for (const process of [auth, other]) {
      await me(process, access_token).expect(401)
      await me(process, elsewhere.access_token).expect(401)
      await refresh(process, refresh_token).expect(401)
      await refresh(process, elsewhere.refresh_token).expect(401)
      await logIn(process, user.email).expect(401)
    }
    const revocations = await auth.http
      .get("/v1/revocations?after=0")
      .set("Authorization", `Bearer ${await serviceToken(auth)}`)
      .expect(200)
    const [, claims = ""] = elsewhere.access_token.split(".")
    const { sid } = JSON.parse(Buffer.from(claims, "base64url").toString())
    assert.ok(JSON.stringify(revocations.body).includes(sid))

    // The last mail has its address until it is at its end, as the worker leaves it.
    const [waiting] = await auth.db.query("select kind from mail.messages where recipient = ?", [user.email])
    assert.deepEqual(waiting, { kind: "account-deleted" })
    await auth.db.query("update mail.messages set state = 'expired', payload = null, claim_token = null")
    assert.deepEqual(await tablesWith(auth.db, needles), [])
    const [event] = await auth.db.query<object>(
      "select outcome, ip, user_agent from auth.audit_events where account_id = ? and event = 'account.deleted'",
      [user.id],
    )
    assert.deepEqual(event, { outcome: "success", ip: null, user_agent: null })

    const again = await register(auth, user.email)
    assert.notEqual(again.user.id, user.id)
  })

  it("takes the password, or a sign-in of the last five minutes", async () => {
    const { access_token, user } = await register(auth)
    await auth.db.query("update auth.sessions set authenticated_at = now() - interval '6 minutes'")
    const unproved = await leave(auth, access_token, {}).expect(403)
    assert.equal(unproved.body.code, "account-deletion.proof-needed")
    const wrong = await leave(auth, access_token, { password: "not the password" }).expect(403)
    assert.equal(wrong.body.code, "password.current-wrong")
    await me(auth, access_token).expect(200)
    const fresh = (await logIn(auth, user.email).expect(200)).body as Tokens
    const bodiless = auth.http.delete("/v1/users/me").set("Authorization", `Bearer ${fresh.access_token}`)
    await bodiless.expect(202)
    await leave(auth, fresh.access_token, {}).expect(401)
  })

  // check 116
  it("in the middle of refreshes, sign-ins and mails leaves nothing behind, and nobody waits for ever", async () => {
    for (let round = 0; round < 3; round++) {
      const { user, access_token, refresh_token } = await register(auth)
      const { email } = user
      const calls = Array.from({ length: 40 }, (_, index) => {
        const process = index % 2 ? auth : other
        if (index === 20) return leave(process, access_token)
        if (index % 5 === 0) return logIn(process, email)
        if (index % 5 === 1) return process.http.post("/v1/auth/forgot-password").send({ email })
        if (index % 5 === 2) return process.http.post("/v1/auth/verify-email").send({ email })
        return chain(process, refresh_token)
      })
      const answers = await Promise.all(calls)
      for (const { status } of answers) assert.ok([200, 202, 401, 503].includes(status), String(status))
      assert.equal(answers[20]?.status, 202)
      const orphans = await auth.db.query(
        "select 1 from auth.sessions where account_id = :id union all select 1 from auth.accounts where id = :id",
        { id: user.id },
      )
      assert.deepEqual(orphans, [])
    }
  })

  /** Refreshes again and again, so that some refresh is under way whenever the account goes. */
  async function chain(process: AuthProcess, token: string) {
    let answer = await refresh(process, token)
    for (let index = 0; index < 5 && answer.status === 200; index++)
      answer = await refresh(process, answer.body.refresh_token)
    return answer
  }

  it("gives all that is kept of somebody as one JSON file, without a secret", async () => {
    const person = await someone()
    const { body } = await auth.http
      .get("/v1/users/me/export")
      .set("Authorization", `Bearer ${person.access_token}`)
      .expect(200)
    assert.equal(body.user.email, person.user.email)
    assert.equal(body.user.name, NAME)
    assert.deepEqual(body.email_changes[0].new_email, person.addresses[1])
    assert.equal(body.sessions[0].device_name, "Wilhelmina's phone")
    assert.equal(body.sessions[0].ip, IP)
    assert.ok(body.activity.some(({ event }: { event: string }) => event === "account.registered"))
    assert.doesNotMatch(JSON.stringify(body), /argon2|token_hash|salt|payload/)
  })
})

// check 115
describe("leaving, where there is time to think again", () => {
  let auth: Bundle
  let parts: Awaited<ReturnType<typeof wire>>

  before(async () => {
    auth = await setup({ ACCOUNT_DELETION_DELAY: "86400" })
    parts = await wire(readConfig({ ...settings(auth.db), ACCOUNT_DELETION_DELAY: "86400" }))
  })
  after(async () => {
    await parts.close()
    await auth.stop()
  })

  const exists = async (id: string) =>
    (await auth.db.query("select 1 from auth.accounts where id = ?", [id])).length === 1

  it("ends every session now, and goes when the time has come", async () => {
    const { user, access_token, refresh_token } = await register(auth)
    const { body } = await leave(auth, access_token).expect(202)
    const days = (Date.parse(body.deletes_at) - Date.now()) / 86_400_000
    assert.ok(days > 0.99 && days < 1.01)
    await me(auth, access_token).expect(401)
    await refresh(auth, refresh_token).expect(401)
    await logIn(auth, user.email).expect(401)
    await parts.departures.sweep()
    assert.ok(await exists(user.id))

    await auth.db.query("update auth.account_deletions set due_at = now()")
    await parts.departures.sweep()
    assert.equal(await exists(user.id), false)
    assert.equal((await auth.mails()).at(-1)?.kind, "account-deleted")
    await register(auth, user.email)
  })

  it("is taken back by the link of the mail, once, on a page whose opening does nothing", async () => {
    const { user, access_token } = await register(auth)
    await leave(auth, access_token).expect(202)
    const token = await auth.tokenFromMail("account-deletion")
    await auth.http.get(`/keep-account?token=${token}`).set("Accept", "text/html").expect(200)
    await logIn(auth, user.email).expect(401)
    await auth.http.post("/v1/auth/account-deletion/withdraw").send({ token }).expect(200)
    await logIn(auth, user.email).expect(200)
    await auth.http.post("/v1/auth/account-deletion/withdraw").send({ token }).expect(400)
    await auth.db.query("update auth.account_deletions set due_at = now()")
    await parts.departures.sweep()
    assert.ok(await exists(user.id))
  })
})
