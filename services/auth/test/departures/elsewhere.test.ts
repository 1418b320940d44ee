import assert from "node:assert/strict"
import { fileURLToPath } from "node:url"
import { freePort, until } from "@gatepost/testkit"
import { type ServiceChild, startChild } from "../support/child.js"
import { tablesWith } from "../support/dump.js"
import { logIn, newEmail, PASSWORD } from "../support/people.js"
import { type AuthProcess, type Bundle, PUBLIC_URL, SECRETS, setup, startProcess } from "../support/setup.js"

const NOTIFICATIONS = fileURLToPath(
  new URL("../../../../services/notifications/dist/main.js", import.meta.url),
)
const NAME = "Wilhelmina Quarrelsome"
const DEVICE = "fcm-device-token-0123456789"
const PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"

interface Item {
  category: string
  data: { event?: string }
}

// check 115
describe("leaving for good, as the notifications API hears of it", function () {
  this.timeout(60_000)
  let auth: Bundle
  let feeding: AuthProcess
  let notifications: ServiceChild
  let call: (path: string, token: string, method?: string, body?: object) => Promise<Response>

  before(async () => {
    auth = await setup()
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    feeding = await startProcess(auth.db, {
      NOTIFICATIONS_URL: url,
      RATE_LIMITS: "on",
      TRUSTED_PROXY_HOPS: "1",
    })
    notifications = await startChild(
      {
        PATH: String(process.env.PATH),
        PORT: String(port),
        PUBLIC_URL,
        JWKS_URL: `${feeding.url}/.well-known/jwks.json`,
        DATABASE_URL: auth.db.urlOf("gatepost_notifications"),
        IDEMPOTENCY_SECRET: SECRETS.IDEMPOTENCY_SECRET,
        MAIL_ENCRYPTION_SECRET: SECRETS.MAIL_ENCRYPTION_SECRET,
        SHUTDOWN_DRAIN_SECONDS: "0",
        LOG_LEVEL: "info",
      },
      NOTIFICATIONS,
    )
    call = (path, token, method = "GET", body) =>
      fetch(`${url}/v1/notifications${path}`, {
        method,
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        ...(body && { body: JSON.stringify(body) }),
      })
  })
  after(async () => {
    notifications.child.kill("SIGTERM")
    await notifications.exited
    await feeding.stop()
    await auth.stop()
  })

  it("tells once of a new device and of a new password, and keeps nothing of who has gone", async () => {
    const email = newEmail()
    const from = (ip: string) => ({ "X-Forwarded-For": ip, "User-Agent": PHONE })
    const registered = await feeding.http
      .post("/v1/auth/register")
      .set(from("203.0.113.7"))
      .send({ email, password: PASSWORD, name: NAME })
      .expect(201)
    const { id } = registered.body.user
    await auth.db.query("update auth.accounts set email_verified_at = now() where id = ?", [id])
    const { body } = await logIn(feeding, email).set(from("198.51.100.9")).expect(200)
    const token: string = body.access_token
    // Of the same network again, by another browser: the guard knows it, so nobody is told.
    await logIn(feeding, email)
      .set({ ...from("198.51.100.9"), "User-Agent": "Other/1" })
      .expect(200)
    const next = "some other plain words"
    await feeding.http
      .post("/v1/users/me/password")
      .set({ ...from("198.51.100.9"), Authorization: `Bearer ${token}` })
      .send({ current_password: PASSWORD, new_password: next })
      .expect(200)
    const listed = async () => {
      const answer = await call("", fresh)
      assert.equal(answer.status, 200)
      return ((await answer.json()) as { items: Item[] }).items.map(({ data }) => data.event)
    }
    const fresh: string = (await logIn(feeding, email, next).set(from("198.51.100.9")).expect(200)).body
      .access_token
    await until("both", async () => (await listed()).length >= 2)
    await told()
    assert.deepEqual((await listed()).sort(), ["new-sign-in", "password-changed"])
    const mails = (await auth.mails()).filter(({ recipient }) => recipient === email)
    assert.equal(mails.filter(({ kind }) => kind === "new-sign-in").length, 1)
    assert.ok(mails.every(({ kind }) => !kind.startsWith("notification")))

    const device = { kind: "fcm", token: DEVICE, name: "Wilhelmina's phone" }
    assert.ok((await call("/devices", fresh, "PUT", device)).ok)
    await auth.db.query(
      "insert into notifications.reach (user_id, time_zone) values (?, 'Europe/Vienna') on conflict do nothing",
      [id],
    )
    await auth.db.query(
      "insert into notifications.preferences (user_id, category, channel, mode) values (?, '*', 'email', 'instant')",
      [id],
    )
    const needles = [email, NAME, "Wilhelmina", DEVICE, "203.0.113.7", "198.51.100.9", "iPhone"]
    assert.ok((await tablesWith(auth.db, needles)).some((found) => found.includes("notifications.contacts")))

    await feeding.http
      .delete("/v1/users/me")
      .set("Authorization", `Bearer ${fresh}`)
      .send({ password: next })
      .expect(202)
    await until("the news", async () => {
      const [contact] = await auth.db.query<{ email: string | null }>(
        "select email from notifications.contacts where user_id = ?",
        [id],
      )
      return contact?.email === null
    })
    await told()
    // The mail about it has the address until it is sent, as the worker leaves it.
    await auth.db.query("update mail.messages set state = 'expired', payload = null, claim_token = null")
    // Addresses of the network are counted for minutes, whoever comes from them.
    const found = (await tablesWith(auth.db, needles)).filter((one) => !one.endsWith("auth.rate_limits"))
    assert.deepEqual(found, [])
    // What stays keeps a late fact from bringing them back, and says nothing of them.
    const holders = (await tablesWith(auth.db, [id])).filter((found) =>
      /notifications|mail|social_battery|bullmq/.test(found),
    )
    assert.deepEqual(holders, [`${id} in notifications.contacts`])
  })

  it("forgets what nobody was told yet, should the notifications API be away", async () => {
    const email = newEmail()
    const { body } = await feeding.http
      .post("/v1/auth/register")
      .send({ email, password: PASSWORD, name: NAME })
      .expect(201)
    await told()
    const { id } = body.user
    // As a fact that waits, for a service that is away.
    await auth.db.query(
      `insert into auth.facts (fact, due_at) select auth.contact_fact(a), now() + interval '1 hour' from auth.accounts a where id = ?`,
      [id],
    )
    await auth.db.query("delete from auth.accounts where id = ?", [id])
    const facts = await auth.db.query<{ fact: { kind: string } }>(
      "select fact from auth.facts where fact->>'user_id' = ?",
      [id],
    )
    assert.ok(facts.every(({ fact }) => fact.kind === "account-deleted"))
    await told()
  })

  const told = () =>
    until("all facts", async () => (await auth.db.query("select from auth.facts")).length === 0)
})
