import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { type Bundle, list, type Notification, send, setup } from "../support/setup.js"
import { userToken } from "../support/signer.js"

describe("the list of notifications", () => {
  let notifications: Bundle

  before(async () => {
    notifications = await setup()
  })
  after(() => notifications.stop())

  async function sendMany(userId: string, count: number): Promise<Notification[]> {
    const sent: Notification[] = []
    for (let index = 0; index < count; index++) {
      const { body } = await send(notifications, { user_id: userId, title: `${index}`, body: "x" }).expect(
        201,
      )
      sent.push(body)
    }
    return sent
  }

  async function readPages(token: string, limit: number): Promise<Notification[][]> {
    const pages: Notification[][] = []
    for (let cursor: string | undefined; ; ) {
      const { body } = await list(notifications, token, { limit, ...(cursor && { cursor }) }).expect(200)
      pages.push(body.items)
      cursor = body.next_cursor ?? undefined
      if (!cursor) return pages
    }
  }

  const ids = (items: Notification[]) => items.map(({ id }) => id)

  it("is newest first, page by page, each item once", async () => {
    const userId = randomUUID()
    const sent = await sendMany(userId, 7)
    const pages = await readPages(userToken(userId), 3)
    assert.deepEqual(ids(pages.flat()), ids(sent.reverse()))
    assert.deepEqual(pages.map(({ length }) => length).slice(0, 3), [3, 3, 1])
  })

  it("has each item in every part as its sender's answer had it", async () => {
    const userId = randomUUID()
    const text = `"'\\\n\u2028 <b>ü 🎉 \u0001{{x}}`
    const rich = {
      title: text,
      body: text,
      category: "match",
      data: { [text]: [text, null, true, 1.5, -0.25, 1e21, { deep: {} }] },
      link: "https://example.com/a?b=%22",
      actions: [{ label: text, link: "https://example.com/" }],
      expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    }
    const sent: Notification[] = []
    for (const more of [{ title: "a", body: "b" }, rich]) {
      sent.unshift((await send(notifications, { user_id: userId, ...more }).expect(201)).body)
    }
    await list(notifications, userToken(userId)).expect(200, { items: sent, next_cursor: null })
  })

  it("loses and repeats none of many items of one moment", async () => {
    const userId = randomUUID()
    const sent = await sendMany(userId, 9)
    await notifications.db.query(
      "update notifications.notifications set visible_at = '2026-01-02T03:04:05.678901Z' where user_id = ?",
      [userId],
    )
    for (const limit of [1, 2, 4, 9]) {
      const found = ids((await readPages(userToken(userId), limit)).flat())
      assert.deepEqual([...found].sort(), ids(sent).sort())
    }
  })

  it("keeps its place while newer items come in", async () => {
    const userId = randomUUID()
    const token = userToken(userId)
    const earlier = await sendMany(userId, 4)
    const first = await list(notifications, token, { limit: 2 })
    await sendMany(userId, 3)
    const second = await list(notifications, token, { limit: 2, cursor: first.body.next_cursor })
    assert.deepEqual(ids([...first.body.items, ...second.body.items]), ids(earlier.reverse()))
  })

  it("has 20 items unless it is asked for up to 100", async () => {
    const userId = randomUUID()
    await sendMany(userId, 1)
    await notifications.db.query(
      `insert into notifications.notifications (id, user_id, sender, category, title, body, data, created_at, visible_at)
       select gen_random_uuid(), :userId, 'backend', 'general', 'many', 'x', '{}', now(),
         now() - make_interval(secs => n)
       from generate_series(1, 120) n`,
      { userId },
    )
    const count = async (query: Record<string, number>) =>
      (await list(notifications, userToken(userId), query).expect(200)).body.items.length
    assert.deepEqual([await count({}), await count({ limit: 100 }), await count({ limit: 1 })], [20, 100, 1])
  })

  // check 17
  it("refuses limits and cursors that it did not give", async () => {
    const userId = randomUUID()
    await sendMany(userId, 3)
    const token = userToken(userId)
    for (const limit of ["-1", "0", "1e9", "NaN", "1.5", "101", "", " 5", "0x10", "5;drop"]) {
      const { body } = await list(notifications, token, { limit }).expect(400)
      assert.equal(body.errors[0].pointer, "query/limit")
    }
    const { body } = await list(notifications, token, { limit: 1 })
    const cursor: string = body.next_cursor
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")
    for (const wrong of [
      `${cursor}x`,
      cursor.slice(0, -2),
      cursor.slice(1),
      "",
      "x",
      encode(["2026-01-01 00:00:00+00", "not a uuid"]),
      encode(["now()", randomUUID()]),
      encode(["9999999-99-99 00:00:00", randomUUID()]),
      encode(["0000-00-00 00:00:00+00", randomUUID()]),
      encode(["2026-01-01 00:00:00+00:00:99", randomUUID()]),
      encode(["2026-01-01 00:00:00+00", randomUUID()]),
      encode({ createdAt: "2026-01-01", id: randomUUID() }),
      "a".repeat(300),
    ]) {
      const answer = await list(notifications, token, { cursor: wrong })
      assert.equal(answer.status, 400, Buffer.from(wrong, "base64url").toString())
      assert.equal(answer.body.errors[0].pointer, "query/cursor")
    }
  })

  // check 109
  it("shows nobody anything of anybody else's, with whatever cursor", async () => {
    const [owner, stranger] = [randomUUID(), randomUUID()]
    await sendMany(owner, 3)
    const [own] = await sendMany(stranger, 1)
    const { body } = await list(notifications, userToken(owner), { limit: 1 })

    const all = await list(notifications, userToken(stranger)).expect(200)
    assert.deepEqual(ids(all.body.items), [own?.id])
    await list(notifications, userToken(stranger), { cursor: body.next_cursor }).expect(400)
    const nobody = await list(notifications, userToken()).expect(200)
    assert.deepEqual(nobody.body, { items: [], next_cursor: null })
  })
})
