import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { newId } from "@gatepost/runtime"
import { race } from "@gatepost/testkit"
import {
  type Bundle,
  broadcast,
  countUnread,
  keepTemplate,
  list,
  type NotificationsProcess,
  send,
  sendToMany,
  setup,
} from "../support/setup.js"
import { serviceToken, userToken } from "../support/signer.js"

const message = { title: "Hello", body: "News" }
const later = (ms: number) => new Date(Date.now() + ms).toISOString()
const DAY_MS = 86_400_000

describe("sending to many and to everyone", () => {
  let notifications: Bundle
  let other: NotificationsProcess

  before(async () => {
    notifications = await setup()
    other = await notifications.another()
  })
  after(() => notifications.stop())

  it("gives each of a thousand users one, however often they are named", async () => {
    const user_ids = Array.from({ length: 999 }, () => randomUUID())
    const body = { ...message, user_ids: [...user_ids, user_ids[0]] }
    const { body: sent } = await sendToMany(notifications, body).expect(201)
    assert.deepEqual(
      sent.items.map((item: { user_id: string }) => item.user_id),
      user_ids,
    )
    const token = userToken(user_ids[7])
    const { body: inbox } = await list(other, token).expect(200)
    assert.deepEqual(
      inbox.items.map(({ id }: { id: string }) => id),
      [sent.items[7].id],
    )
    assert.equal(await countUnread(other, token), 1)
  })

  it("refuses no users, too many, and what is no user, and sends nothing", async () => {
    const count = async () =>
      (await notifications.db.query("select 1 from notifications.notifications")).length
    const earlier = await count()
    for (const user_ids of [
      [],
      Array.from({ length: 1_001 }, () => randomUUID()),
      [randomUUID(), "x"],
      [null],
    ]) {
      const { body } = await sendToMany(notifications, { ...message, user_ids }).expect(400)
      assert.match(body.errors[0].pointer, /^\/user_ids/)
    }
    assert.equal(await count(), earlier)
  })

  it("tells everyone once per key, byte for byte, also with sixteen retries on two processes", async () => {
    const [token, key] = [userToken(randomUUID()), randomUUID()]
    const known = await countUnread(notifications, token)
    const answers = await race(16, (index) =>
      broadcast(index % 2 ? notifications : other, message).set("Idempotency-Key", key),
    )
    assert.deepEqual(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1)
    assert.equal(answers[0]?.status, 201)
    assert.equal(await countUnread(other, token), known + 1)
    await broadcast(other, { ...message, title: "Other" })
      .set("Idempotency-Key", key)
      .expect(422)
  })

  it("has a limit to how many broadcasts there are at once", async () => {
    await notifications.db.query(
      `insert into notifications.broadcasts
         (id, sender, category, title, body, data, created_at, visible_at, expires_at, due_at)
       select gen_random_uuid(), 'x', 'x', 'x', 'x', '{}', now(), now() + interval '1 hour', now() + interval '1 day',
         now() + interval '1 hour'
       from generate_series(1, 1000 - (select count(*) from notifications.broadcasts))`,
    )
    const { body } = await broadcast(notifications, message).expect(409)
    assert.equal(body.code, "broadcast.too-many")
    await notifications.db.query("delete from notifications.broadcasts where visible_at > now()")
    await broadcast(notifications, message).expect(201)
  })

  it("takes links that open something, and none that run or show what lies on the device", async () => {
    const user_id = newId()
    const links = ["https://example.com/a?b=c#d", "/orders/7", "myapp://match/7"]
    for (const link of links) {
      const actions = [{ label: "Open", link }]
      const { body } = await send(notifications, { user_id, ...message, link, actions }).expect(201)
      assert.deepEqual([body.link, body.actions], [link, actions])
    }
    const refused = [
      "javascript:alert(1)",
      "JavaScript://%0aalert(1)",
      "data:text/html,x",
      "file:///etc/passwd",
    ]
    for (const link of [...refused, "//evil.example", "https://", "a b", "vbscript://x", "blob://x", ""]) {
      const { body } = await send(notifications, { user_id, ...message, link }).expect(400)
      assert.equal(body.errors[0].pointer, "/link", link)
      await send(notifications, { user_id, ...message, actions: [{ label: "x", link }] }).expect(400)
    }
    const actions = Array.from({ length: 5 }, () => ({ label: "x", link: "/x" }))
    await send(notifications, { user_id, ...message, actions }).expect(400)
    assert.equal(await countUnread(notifications, userToken(user_id)), links.length)
  })

  it("refuses times that can't be", async () => {
    const user_id = newId()
    for (const [times, pointer] of [
      [{ send_at: later(400 * DAY_MS) }, "/send_at"],
      [{ send_at: "tomorrow" }, "/send_at"],
      [{ expires_at: later(-1) }, "/expires_at"],
      [{ expires_at: later(30_000) }, "/expires_at"],
      [{ send_at: later(DAY_MS), expires_at: later(DAY_MS - 1) }, "/expires_at"],
    ] as const) {
      const { body } = await send(notifications, { user_id, ...message, ...times }).expect(400)
      assert.equal(body.errors[0].pointer, pointer)
    }
    await broadcast(notifications, { ...message, expires_at: later(400 * DAY_MS) }).expect(400)
    assert.equal(await countUnread(notifications, userToken(user_id)), 0)
  })

  it("fills in a template once, with what its variables say and nothing more", async () => {
    const user_id = newId()
    await keepTemplate(notifications, "shipped", {
      title: "Order {{ order }}",
      body: "{{name}}: {{order}}",
    }).expect(200)
    const variables = { order: 7, name: "{{order}} $& $1" }
    const { body } = await send(notifications, { user_id, template: "shipped", variables }).expect(201)
    assert.deepEqual([body.title, body.body], ["Order 7", "{{order}} $& $1: 7"])

    const refuse = async (more: object, pointer: string, token = serviceToken()) => {
      const { body } = await send(notifications, { user_id, ...more }, token).expect(400)
      assert.equal(body.errors[0].pointer, pointer)
    }
    await refuse({ template: "shipped", variables: { order: 7 } }, "/variables")
    await refuse({ template: "shipped", variables: { ...variables, order: "x".repeat(250) } }, "/variables")
    await refuse({ template: "none", variables }, "/template")
    await refuse({ template: "shipped", variables }, "/template", serviceToken("billing"))
    await refuse({ ...message, template: "shipped", variables }, "/title")
    await refuse({ title: "x" }, "/body")
    assert.equal(await countUnread(notifications, userToken(user_id)), 1)

    const mine = (token: string) =>
      notifications.http
        .get("/v1/notifications/templates")
        .set("Authorization", `Bearer ${token}`)
        .expect(200)
    assert.deepEqual(
      (await mine(serviceToken())).body.items.map(({ name }: { name: string }) => name),
      ["shipped"],
    )
    assert.deepEqual((await mine(serviceToken("billing"))).body.items, [])
  })
})
