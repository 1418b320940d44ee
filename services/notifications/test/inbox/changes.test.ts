import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { newId } from "@gatepost/runtime"
import {
  type Bundle,
  broadcast,
  change,
  countUnread,
  list,
  markAllRead,
  type Notification,
  remove,
  send,
  setup,
} from "../support/setup.js"
import { userToken } from "../support/signer.js"

const HOUR_MS = 3_600_000
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString()

describe("changing notifications", () => {
  let notifications: Bundle

  before(async () => {
    notifications = await setup()
  })
  after(() => notifications.stop())

  const sendTo = async (user_id: string, more: object = {}): Promise<Notification> =>
    (await send(notifications, { user_id, title: "x", body: "x", ...more }).expect(201)).body
  const tell = async (more: object = {}): Promise<{ id: string }> =>
    (await broadcast(notifications, { title: "x", body: "x", ...more }).expect(201)).body
  const idsOf = async (token: string, query: Record<string, string> = {}): Promise<string[]> => {
    const { body } = await list(notifications, token, query).expect(200)
    return body.items.map(({ id }: Notification) => id)
  }

  for (const kind of ["of one's own", "that everyone got"]) {
    it(`puts away, brings back, reads, unreads and deletes one ${kind}`, async () => {
      const userId = newId()
      const token = userToken(userId)
      const { id } = kind === "of one's own" ? await sendTo(userId) : await tell()
      const stateAfter = async (what: string) => {
        const { is_read, is_seen, is_archived } = (await change(notifications, token, id, what).expect(200))
          .body
        return { is_read, is_seen, is_archived, count: await countUnread(notifications, token) }
      }

      assert.equal(await countUnread(notifications, token), 1)
      const unread = { is_read: false, is_seen: true, is_archived: false, count: 1 }
      const read = { ...unread, is_read: true, count: 0 }
      assert.deepEqual(await stateAfter("seen"), unread)
      assert.deepEqual(await stateAfter("read"), read)
      assert.deepEqual(await stateAfter("unread"), unread)
      assert.deepEqual(await stateAfter("archive"), { ...read, is_archived: true })
      assert.deepEqual([await idsOf(token), await idsOf(token, { archived: "true" })], [[], [id]])
      assert.deepEqual(await stateAfter("unarchive"), read)
      assert.deepEqual(await stateAfter("unread"), unread)

      await remove(notifications, token, id).expect(200)
      assert.deepEqual([await idsOf(token), await countUnread(notifications, token)], [[], 0])
      await remove(notifications, token, id).expect(404)
      for (const what of ["read", "unread", "seen", "archive", "unarchive"]) {
        await change(notifications, token, id, what).expect(404)
      }
      await change(notifications, token, id, "snooze", { until: inHours(1) }).expect(404)
    })

    it(`hides one ${kind} until its time, and then has it as the newest`, async () => {
      const userId = randomUUID()
      const token = userToken(userId)
      const { id } = kind === "of one's own" ? await sendTo(userId) : await tell()
      await change(notifications, token, id, "read").expect(200)
      await change(notifications, token, id, "snooze", { until: inHours(1) }).expect(200)
      const later = await sendTo(userId)
      assert.ok(!(await idsOf(token)).includes(id))
      await change(notifications, token, id, "read").expect(404)
      await markAllRead(notifications, token).expect(200)

      await notifications.db.elapse(HOUR_MS / 1000)
      assert.deepEqual((await idsOf(token)).slice(0, 2), [id, later.id])
      assert.equal(await countUnread(notifications, token), 1)
    })
  }

  it("refuses to hide until a time that is over, too far, or after the end", async () => {
    const userId = newId()
    const { id } = await sendTo(userId, { expires_at: inHours(2) })
    for (const until of [inHours(-1), inHours(3), inHours(24 * 400)]) {
      const { body } = await change(notifications, userToken(userId), id, "snooze", { until }).expect(400)
      assert.deepEqual([body.code, body.errors[0].pointer], ["request.invalid", "/until"])
    }
    assert.deepEqual(await idsOf(userToken(userId)), [id])
  })

  it("shows what was sent for later when its time has come, and nothing once it is over", async () => {
    const userId = randomUUID()
    const token = userToken(userId)
    const known = await countUnread(notifications, token)
    const own = await sendTo(userId, { send_at: inHours(1), expires_at: inHours(3) })
    const everyones = await tell({ send_at: inHours(1), expires_at: inHours(3) })
    await change(notifications, token, own.id, "read").expect(404)
    assert.equal(await countUnread(notifications, token), known)

    await notifications.db.elapse((1.5 * HOUR_MS) / 1000)
    assert.equal(await countUnread(notifications, token), known + 2)
    const shown = await idsOf(token)
    assert.ok(shown.includes(own.id) && shown.includes(everyones.id))

    await notifications.db.elapse((2 * HOUR_MS) / 1000)
    assert.equal(await countUnread(notifications, token), known)
    assert.ok(!(await idsOf(token)).some((id) => id === own.id || id === everyones.id))
    await change(notifications, token, own.id, "read").expect(404)
  })

  it("has for a user what everyone was told since they joined, and a mark-unread outlives marking all", async () => {
    const early = await tell()
    const userId = newId(new Date(Date.now() + 2))
    await new Promise((resolve) => setTimeout(resolve, 10))
    const late = await tell()
    const token = userToken(userId)
    assert.deepEqual(await idsOf(token), [late.id])
    await change(notifications, token, early.id, "read").expect(404)

    await markAllRead(notifications, token).expect(200)
    await change(notifications, token, late.id, "unread").expect(200)
    assert.deepEqual(
      [await countUnread(notifications, token), await idsOf(token, { unread: "true" })],
      [1, [late.id]],
    )
  })

  it("filters by category and by unread, and its cursors are good for the same list alone", async () => {
    const userId = newId()
    const token = userToken(userId)
    const matches = [await sendTo(userId, { category: "match" }), await sendTo(userId, { category: "match" })]
    await sendTo(userId, { category: "news" })
    const newest = matches.map(({ id }) => id).reverse()
    assert.deepEqual(await idsOf(token, { category: "match" }), newest)
    await change(notifications, token, newest[0] ?? "", "read").expect(200)
    assert.deepEqual(await idsOf(token, { category: "match", unread: "true" }), newest.slice(1))

    const page = await list(notifications, token, { category: "match", limit: 1 }).expect(200)
    const cursor = page.body.next_cursor
    await list(notifications, token, { category: "match", limit: 1, cursor }).expect(200)
    for (const query of [
      { cursor },
      { cursor, category: "news" },
      { cursor, category: "match", unread: "true" },
    ]) {
      const { body } = await list(notifications, token, query).expect(400)
      assert.equal(body.errors[0].pointer, "query/cursor")
    }
    for (const category of ["A", "a b", "'; drop table x", "", "x".repeat(65)]) {
      await list(notifications, token, { category }).expect(400)
    }
    await list(notifications, token, { unread: "yes" }).expect(400)
  })

  it("answers 304 as long as nothing changed, and not once anything did", async () => {
    const userId = newId()
    const token = userToken(userId)
    const { id } = await sendTo(userId)
    let tag = ""
    const look = async () => {
      const answer = await list(notifications, token).set("If-None-Match", tag)
      if (answer.status === 200) tag = String(answer.headers.etag)
      return answer.status
    }
    assert.deepEqual([await look(), await look()], [200, 304])
    const steps: (() => Promise<unknown>)[] = [
      () => sendTo(userId),
      () => change(notifications, token, id, "read").expect(200),
      () => markAllRead(notifications, token).expect(200),
      () => tell(),
      () => remove(notifications, token, id).expect(200),
    ]
    for (const step of steps) {
      await step()
      assert.deepEqual([await look(), await look()], [200, 304], String(step))
    }
    // Time alone is a change as well.
    await sendTo(userId, { send_at: new Date(Date.now() + 300).toISOString() })
    await look()
    await new Promise((resolve) => setTimeout(resolve, 350))
    assert.equal(await look(), 200)

    const other = await list(notifications, userToken()).set("If-None-Match", tag)
    assert.equal(other.status, 200)
    const count = notifications.http.get("/v1/notifications/unread-count")
    const answer = await count.set("Authorization", `Bearer ${token}`).expect(200)
    const again = notifications.http
      .get("/v1/notifications/unread-count")
      .set("Authorization", `Bearer ${token}`)
    await again.set("If-None-Match", `"x", W/${answer.headers.etag}`).expect(304)
  })
})
