import assert from "node:assert/strict"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { race, until } from "@gatepost/testkit"
import { Webhook } from "standardwebhooks"
import { logOut, newEmail, PASSWORD, register } from "../support/people.js"
import { askForToken, basic } from "../support/service-client.js"
import { type AdminBundle, bearer, claimsOf, person, setupWithAdminPort, staff } from "./support/admins.js"

interface Received {
  headers: Record<string, string>
  body: string
}

interface Event {
  type: string
  data: {
    user_id: string
    session_id?: string
    reason?: string
    changed?: string[]
    user?: { email: string }
  }
}

/** Another backend: keeps what it is sent, and answers as it is told. */
async function startReceiver() {
  const received: Received[] = []
  let status = 204
  const server = createServer((req, res) => {
    let body = ""
    req.setEncoding("utf8").on("data", (chunk) => {
      body += chunk
    })
    req.on("end", () => {
      received.push({ headers: req.headers as Record<string, string>, body })
      res.writeHead(status, status === 302 ? { location: "http://169.254.169.254/" } : {}).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  return {
    url,
    received,
    events: (): Event[] => received.map(({ body }) => JSON.parse(body)),
    answer: (with_: number) => {
      status = with_
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

describe("webhooks", () => {
  let auth: AdminBundle
  let admin: Awaited<ReturnType<typeof staff>>
  let receiver: Awaited<ReturnType<typeof startReceiver>>
  before(async () => {
    auth = await setupWithAdminPort({ EGRESS_ALLOW: "loopback" })
    admin = await staff(auth)
  })
  beforeEach(async () => {
    await auth.db.query("delete from auth.webhooks")
    receiver = await startReceiver()
  })
  afterEach(() => receiver.stop())
  after(() => auth.stop())

  const call = (method: "get" | "post" | "delete", path = "") =>
    auth.admin[method](`/v1/admin/webhooks${path}`).set(...bearer(admin))
  const create = (event_types: string[], url = receiver.url) => call("post").send({ url, event_types })
  const dueNow = () =>
    auth.db.query("update auth.webhook_deliveries set due_at = now() where ended_at is null")
  const noted = (answer: string) =>
    until(`${answer} is noted`, async () => {
      const [row] = await auth.db.query("select last_answer from auth.webhook_deliveries")
      return row?.last_answer === answer
    })
  const ofUser = (id: string) => receiver.events().filter(({ data }) => data.user_id === id)

  it("are 50 at most, however many are asked for at once", async () => {
    await auth.db.query(
      `insert into auth.webhooks (id, url, event_types, secret_sealed)
       select gen_random_uuid(), 'https://example.com/hook', '{user.deleted}', 'x' from generate_series(1, 45)`,
    )
    const answers = await race(16, async () => (await create(["user.deleted"])).status)
    assert.deepEqual(answers.sort(), [...Array(5).fill(201), ...Array(11).fill(409)])
  })

  it("tell of what happens to users and sessions, whatever part of the service did it", async () => {
    await create([
      "user.created",
      "user.updated",
      "user.suspended",
      "user.unsuspended",
      "user.roles_changed",
      "user.deleted",
      "session.revoked",
    ]).expect(201)
    const someone = await person(auth)
    await auth.http
      .patch("/v1/users/me")
      .set(...bearer(someone))
      .send({ name: "Kim" })
      .expect(200)
    await logOut(auth, someone.access_token).expect(200)
    await auth.admin
      .post(`/v1/admin/users/${someone.id}/roles`)
      .set(...bearer(admin))
      .send({ role: "support" })
      .expect(200)
    await auth.admin
      .post(`/v1/admin/users/${someone.id}/suspend`)
      .set(...bearer(admin))
      .send({})
      .expect(200)
    await auth.admin
      .post(`/v1/admin/users/${someone.id}/unsuspend`)
      .set(...bearer(admin))
      .expect(200)
    await until("seven events", async () => ofUser(someone.id).length >= 7)
    await auth.db.query("delete from auth.accounts where id = ?", [someone.id])
    await until("the last event", async () => ofUser(someone.id).length >= 8)

    const told = ofUser(someone.id)
    assert.deepEqual(told.map(({ type }) => type).sort(), [
      "session.revoked",
      "user.created",
      "user.deleted",
      "user.roles_changed",
      "user.suspended",
      "user.unsuspended",
      "user.updated",
      "user.updated",
    ])
    const of = (type: string) => told.find((event) => event.type === type)?.data
    assert.equal(of("user.created")?.user?.email, someone.email)
    const session = { user_id: someone.id, session_id: claimsOf(someone.access_token).sid, reason: "logout" }
    assert.deepEqual(of("session.revoked"), session)
    assert.deepEqual(of("user.deleted"), { user_id: someone.id })
    const changed = told.flatMap(({ data }) => data.changed ?? [])
    assert.deepEqual(changed.sort(), ["email_verified", "name"])
    // What is kept of it is nothing personal.
    const kept = JSON.stringify(
      await auth.db.query("select * from auth.events where account_id = ?", [someone.id]),
    )
    assert.ok(!kept.includes(someone.email) && !kept.includes("Kim"))
  })

  it("are signed as Standard Webhooks has it, by the old secret as well while it is rotated", async () => {
    const { id, secret } = (await create(["user.created"]).expect(201)).body
    assert.match(secret, /^whsec_/)
    assert.ok(!(await call("get").expect(200)).text.includes(secret))
    const stored = await auth.db.query("select encode(secret_sealed, 'escape') as text from auth.webhooks")
    assert.ok(!JSON.stringify(stored).includes(secret.slice(6)))

    await register(auth)
    await until("the first event", async () => receiver.received.length === 1)
    const rotated = (await call("post", `/${id}/rotate`).send({ overlap_seconds: 60 }).expect(200)).body
    await register(auth)
    await until("the second event", async () => receiver.received.length === 2)
    const [first, second] = receiver.received
    assert.ok(first && second)
    for (const [{ headers, body }, key] of [
      [first, secret],
      [second, secret],
      [second, rotated.secret],
    ] as const)
      new Webhook(key).verify(body, headers)
    assert.throws(() => new Webhook(rotated.secret).verify(first.body, first.headers))
    assert.throws(() => new Webhook(secret).verify(first.body.replace("created", "deleted"), first.headers))
    const events = await auth.db.query("select 1 from auth.events where id = ?", [
      first.headers["webhook-id"],
    ])
    assert.equal(events.length, 1, "webhook-id is the event's")
  })

  it("come from the transaction of the change: none without it, and none lost while nobody answers", async () => {
    await create(["user.created"]).expect(201)
    receiver.answer(500)
    const email = newEmail()
    const { user } = await register(auth, email)
    // Refused, so nothing happened.
    await auth.http.post("/v1/auth/register").send({ email, password: PASSWORD }).expect(409)
    await until("a try", async () => receiver.received.length === 1)
    await noted("status 500")
    receiver.answer(302)
    await dueNow()
    await until("another try", async () => receiver.received.length === 2)
    await noted("status 302")
    receiver.answer(204)
    await dueNow()
    await until("a try that works", async () => receiver.received.length === 3)
    const ids = new Set(receiver.received.map(({ headers }) => headers["webhook-id"]))
    assert.deepEqual(
      [ids.size, ofUser(user.id).length],
      [1, 3],
      "the same event each time, and its redirect not followed",
    )
    await until("nothing left", async () => (await call("get")).body.items[0].pending === 0)
    const [row] = await auth.db.query("select outcome, tries from auth.webhook_deliveries")
    assert.deepEqual(row, { outcome: "delivered", tries: 3 })
  })

  it("end where the receiver is gone, go on when it is back, and tell again from any place on", async () => {
    const { id } = (await create(["user.created"]).expect(201)).body
    receiver.answer(410)
    const first = await register(auth)
    const view = async () => (await call("get")).body.items[0]
    await until("it is disabled", async () => (await view()).disabled_at !== null)
    const second = await register(auth)
    await call("post", `/${id}/enable`).expect(200)
    receiver.answer(200)

    const list = await serviceEvents()
    const place = (list.find(({ data }) => data.user_id === first.user.id)?.seq ?? 0) - 1
    const { events } = (
      await call("post", `/${id}/replay`)
        .send({ after: String(place) })
        .expect(202)
    ).body
    assert.equal(events, 2)
    await until(
      "both again",
      async () => ofUser(second.user.id).length === 1 && ofUser(first.user.id).length === 2,
    )
    await call("delete", `/${id}`).expect(200)
    for (const path of ["/rotate", "/enable", "/replay"])
      await call("post", `/${id}${path}`).send({ after: "0" }).expect(404)
  })

  it("have a feed beside them: pages by cursor, in the order of commits, for services alone", async () => {
    const people = [await register(auth), await register(auth), await register(auth)]
    const token = await eventsToken()
    const page = async (after: string) =>
      (
        await auth.http
          .get(`/v1/events?limit=2&after=${after}`)
          .set("Authorization", `Bearer ${token}`)
          .expect(200)
      ).body
    const seen: { seq: number; type: string; data: { user_id: string } }[] = []
    for (let after: string | null = "0"; after !== null; ) {
      const { items, next_cursor } = await page(after)
      seen.push(...items)
      after = next_cursor
    }
    assert.deepEqual(
      seen.map(({ seq }) => seq),
      seen.map(({ seq }) => seq).toSorted((a, b) => a - b),
    )
    const created = seen.filter(({ type }) => type === "user.created").map(({ data }) => data.user_id)
    assert.deepEqual(
      created.slice(-3),
      people.map(({ user }) => user.id),
    )
    await auth.http
      .get("/v1/events")
      .set(...bearer(admin))
      .expect(403)
    await auth.http.get("/v1/events").expect(401)
  })

  // check 122
  it("go to nobody inside: not when they are made, and not by a name that leads there", async () => {
    const bad = [
      "http://10.0.0.1/",
      "https://169.254.169.254/latest/meta-data",
      "https://[::ffff:10.0.0.1]/",
      "https://192.168.1.1/",
      "https://user:secret@example.com/",
      "ftp://example.com/",
      "file:///etc/passwd",
      "no url",
    ]
    for (const url of bad) assert.equal((await create(["user.created"], url)).status, 400, url)
    const strict = await auth.another({ EGRESS_ALLOW: "", AUTH_ADMIN_PORT: "0" })
    const answer = await strict.admin
      ?.post("/v1/admin/webhooks")
      .set(...bearer(admin))
      .send({ url: receiver.url, event_types: ["user.created"] })
    assert.equal(answer?.status, 400)
    assert.equal(receiver.received.length, 0)
  })

  async function eventsToken(): Promise<string> {
    await auth.db.query("delete from auth.service_clients")
    const client = { client_id: "follower", client_name: "Follower", scopes: ["events:read"] }
    const { client_secret } = (
      await auth.admin
        .post("/v1/admin/clients")
        .set(...bearer(admin))
        .send(client)
        .expect(201)
    ).body
    const form = { grant_type: "client_credentials", scope: "events:read" }
    return (await askForToken(auth, form, basic("follower", client_secret)).expect(200)).body.access_token
  }

  async function serviceEvents(): Promise<{ seq: number; data: { user_id: string } }[]> {
    const token = await eventsToken()
    return (await auth.http.get("/v1/events?limit=1000").set("Authorization", `Bearer ${token}`).expect(200))
      .body.items
  }
})
