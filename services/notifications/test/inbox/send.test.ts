import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { race } from "@gatepost/testkit"
import { type Bundle, list, type NotificationsProcess, send, setup } from "../support/setup.js"
import { serviceToken, userToken } from "../support/signer.js"

const message = { title: "New match", body: "Somebody likes your profile" }

describe("sending a notification", () => {
  let notifications: Bundle
  let other: NotificationsProcess

  before(async () => {
    notifications = await setup()
    other = await notifications.another()
  })
  after(() => notifications.stop())

  const rowsOf = (userId: string) =>
    notifications.db.query("select sender from notifications.notifications where user_id = ?", [userId])

  it("puts it into the user's inbox, with what the sender said", async () => {
    const user_id = randomUUID()
    const data = { link: "app://match/7", nested: { list: [1, "zwei", null, true] } }
    const { body } = await send(notifications, { ...message, user_id, category: "match", data }).expect(201)
    const { id, created_at } = body
    const texts = { category: "match", ...message, data, link: null, actions: [] }
    const times = { created_at, visible_at: created_at, expires_at: null }
    const state = { is_read: false, is_seen: false, is_archived: false }
    assert.deepEqual(body, { id, user_id, ...texts, ...times, ...state })
    assert.match(id, /^[0-9a-f-]{14}7[0-9a-f-]{21}$/)

    const { body: inbox } = await list(other, userToken(user_id)).expect(200)
    assert.deepEqual(inbox, { items: [body], next_cursor: null })
    assert.deepEqual(await rowsOf(user_id), [{ sender: "backend" }])
  })

  it("needs no category and no data, and keeps the text of any language", async () => {
    const user_id = randomUUID()
    const text = "  Grüße 👋🏽 an שָׁלוֹם \u2068and\u2069\nmore  "
    const { body } = await send(notifications, { user_id, title: "👍", body: text }).expect(201)
    assert.deepEqual([body.category, body.data, body.body], ["general", {}, text.trim()])
  })

  // check 84, check 108
  it("is for services with the scope alone", async () => {
    const user_id = randomUUID()
    const refused = [
      userToken(user_id),
      serviceToken("backend", "revocations:read"),
      serviceToken("backend", ""),
    ]
    for (const token of refused) {
      const answer = await send(notifications, { ...message, user_id }, token).expect(403)
      assert.equal(answer.body.code, "token.scope-missing")
      assert.match(
        String(answer.headers["www-authenticate"]),
        /error="insufficient_scope", scope="notifications:write"/,
      )
    }
    assert.deepEqual(await rowsOf(user_id), [])
    await send(
      notifications,
      { ...message, user_id },
      serviceToken("other", "a notifications:write b"),
    ).expect(201)
    assert.deepEqual(await rowsOf(user_id), [{ sender: "other" }])
  })

  it("names what is wrong with a message, and stores nothing", async () => {
    const user_id = randomUUID()
    for (const [pointer, wrong] of [
      ["/user_id", { user_id: "me" }],
      ["/title", { title: " " }],
      ["/title", { title: "a".repeat(201) }],
      ["/body", { body: "" }],
      ["/body", { body: "a".repeat(2_001) }],
      ["/category", { category: "Not A Name" }],
      ["/category", { category: "security" }],
      ["/data", { data: "text" }],
    ] as const) {
      const { body } = await send(notifications, { ...message, user_id, ...wrong }).expect(400)
      assert.deepEqual([body.code, body.errors[0].pointer], ["request.invalid", pointer])
    }
    assert.deepEqual(await rowsOf(user_id), [])
  })

  // R7
  describe("with an Idempotency-Key", () => {
    const sendAs = (process: NotificationsProcess, key: string, body: object, clientId = "backend") =>
      send(process, body, serviceToken(clientId)).set("Idempotency-Key", key)

    it("answers a retry with the very same bytes, and sends once", async () => {
      const [key, user_id] = [randomUUID(), randomUUID()]
      const first = await sendAs(notifications, key, { ...message, user_id }).expect(201)
      const again = await sendAs(other, key, { ...message, user_id }).expect(201)
      assert.equal(again.text, first.text)
      assert.equal((await rowsOf(user_id)).length, 1)
    })

    it("sends once, however many retries come at the same time on two processes", async () => {
      const [key, user_id] = [randomUUID(), randomUUID()]
      const answers = await race(16, (index) =>
        sendAs(index % 2 ? notifications : other, key, { ...message, user_id }),
      )
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]))
      assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
      assert.equal((await rowsOf(user_id)).length, 1)
    })

    it("refuses the key with another message", async () => {
      const [key, user_id] = [randomUUID(), randomUUID()]
      await sendAs(notifications, key, { ...message, user_id }).expect(201)
      const { body } = await sendAs(other, key, { ...message, user_id, title: "Another" }).expect(422)
      assert.equal(body.code, "idempotency.mismatch")
      assert.equal((await rowsOf(user_id)).length, 1)
    })

    it("keeps the keys of two senders apart", async () => {
      const [key, user_id] = [randomUUID(), randomUUID()]
      await sendAs(notifications, key, { ...message, user_id }, "backend").expect(201)
      await sendAs(notifications, key, { ...message, user_id, title: "Another" }, "billing").expect(201)
      assert.equal((await rowsOf(user_id)).length, 2)
    })

    it("refuses a key that is too short, too long or has spaces, and sends nothing", async () => {
      const user_id = randomUUID()
      for (const key of ["a".repeat(15), "a".repeat(129), "sixteen letters and spaces"]) {
        const { body } = await sendAs(notifications, key, { ...message, user_id }).expect(400)
        assert.equal(body.errors[0].pointer, "header/Idempotency-Key")
      }
      assert.deepEqual(await rowsOf(user_id), [])
    })

    // DESIGN.md D17
    it("keeps it for thirty days", async () => {
      const [key, user_id] = [randomUUID(), randomUUID()]
      await sendAs(notifications, key, { ...message, user_id }).expect(201)
      await notifications.db.elapse(30 * 86_400 - 60)
      await sendAs(notifications, key, { ...message, user_id }).expect(201)
      assert.equal((await rowsOf(user_id)).length, 1)
      await notifications.db.elapse(61)
      await sendAs(notifications, key, { ...message, user_id }).expect(201)
      assert.equal((await rowsOf(user_id)).length, 2)
    })
  })
})
