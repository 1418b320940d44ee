import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import {
  type Bundle,
  list,
  markAllRead,
  markRead,
  type Notification,
  type NotificationsProcess,
  send,
  setup,
} from "../support/setup.js"
import { userToken } from "../support/signer.js"

describe("reading notifications", () => {
  let notifications: Bundle
  let other: NotificationsProcess

  before(async () => {
    notifications = await setup()
    other = await notifications.another()
  })
  after(() => notifications.stop())

  const sendTo = async (user_id: string, title = "x"): Promise<Notification> =>
    (await send(notifications, { user_id, title, body: "x" }).expect(201)).body

  const unread = async (userId: string): Promise<string[]> => {
    const { body } = await list(notifications, userToken(userId), { limit: 100 }).expect(200)
    return body.items.filter((item: Notification) => !item.is_read).map(({ title }: Notification) => title)
  }

  it("marks one as read, and says so each time", async () => {
    const userId = randomUUID()
    const [first] = [await sendTo(userId, "first"), await sendTo(userId, "second")]
    for (const process of [notifications, other]) {
      const { body } = await markRead(process, userToken(userId), first.id).expect(200)
      assert.deepEqual(body, { ...first, is_read: true, is_seen: true })
    }
    assert.deepEqual(await unread(userId), ["second"])
  })

  // check 109
  it("answers 404 alike for what is somebody else's and for what there is not", async () => {
    const [owner, stranger] = [randomUUID(), randomUUID()]
    const { id } = await sendTo(owner)
    await sendTo(stranger)
    const theirs = await markRead(notifications, userToken(stranger), id).expect(404)
    const none = await markRead(notifications, userToken(stranger), randomUUID()).expect(404)
    assert.deepEqual({ ...theirs.body, instance: "" }, { ...none.body, instance: "" })
    assert.equal(theirs.body.code, "notification.not-found")
    assert.deepEqual(await unread(owner), ["x"])
  })

  it("marks all as read, in the words of the contract, for this user alone", async () => {
    const [userId, another] = [randomUUID(), randomUUID()]
    for (let index = 0; index < 3; index++) await sendTo(userId)
    await sendTo(another)

    const { body } = await markAllRead(notifications, userToken(userId)).expect(200)
    assert.deepEqual(body, { message: "All notifications marked as read" })
    assert.deepEqual([await unread(userId), await unread(another)], [[], ["x"]])
    await markAllRead(notifications, userToken()).expect(200)
  })

  it("leaves unread what comes after marking all, also at the same moment", async () => {
    const userId = randomUUID()
    await sendTo(userId, "before")
    await markAllRead(notifications, userToken(userId)).expect(200)
    await sendTo(userId, "after")
    assert.deepEqual(await unread(userId), ["after"])
    await markAllRead(other, userToken(userId)).expect(200)
    assert.deepEqual(await unread(userId), [])
  })

  // DESIGN.md D10: the user's row is what the two wait for; their times are read behind it.
  it("leaves unread what was sent while the mark was under way", async () => {
    const userId = randomUUID()
    await sendTo(userId, "seen")
    const { sending } = await notifications.db.database.transaction(async (trx) => {
      await trx.raw("select 1 from notifications.inboxes where user_id = ? for update", [userId])
      const sending = sendTo(userId, "new")
      await untilOneWaits(notifications)
      await trx.raw("update notifications.inboxes set read_up_to = clock_timestamp() where user_id = ?", [
        userId,
      ])
      return { sending }
    })
    assert.equal((await sending).is_read, false)
    assert.deepEqual(await unread(userId), ["new"])
  })

  it("marks what committed while the mark waited for it, and nothing later", async () => {
    const userId = randomUUID()
    await sendTo(userId, "seen")
    const { marking } = await notifications.db.database.transaction(async (trx) => {
      await trx.raw("select 1 from notifications.inboxes where user_id = ? for update", [userId])
      const marking = markAllRead(notifications, userToken(userId)).then((answer) => answer)
      await untilOneWaits(notifications)
      await trx.raw(
        `insert into notifications.notifications 
           (id, user_id, sender, category, title, body, data, created_at, visible_at, unread_from)
         select gen_random_uuid(), ?, 'backend', 'general', 'meanwhile', 'x', '{}', moment, moment, moment
         from (select clock_timestamp() as moment) taken`,
        [userId],
      )
      return { marking }
    })
    assert.equal((await marking).status, 200)
    await sendTo(userId, "next")
    assert.deepEqual(await unread(userId), ["next"])
  })
})

async function untilOneWaits({ db }: Bundle): Promise<void> {
  for (;;) {
    const rows = await db.query(
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )
    if (rows.length > 0) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
