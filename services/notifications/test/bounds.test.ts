import assert from "node:assert/strict"
import { createLogger, newId } from "@gatepost/runtime"
import { describeBounds, type TestDatabase, testDatabase, until } from "@gatepost/testkit"
import { readConfig } from "#src/config.js"
import { createSettling, endOldNotifications } from "#src/modules/inbox/index.js"
import { wire } from "#src/wiring.js"
import { IDEMPOTENCY_SECRET, PUBLIC_URL } from "./support/settings.js"

const DAY_MS = 86_400_000
const [USER, OTHER] = [newId(), newId()]

async function start() {
  const db = await testDatabase()
  const parts = wire(
    readConfig({
      PORT: "0",
      PUBLIC_URL,
      DATABASE_URL: db.urlOf("gatepost_notifications"),
      LOG_LEVEL: "fatal",
      IDEMPOTENCY_SECRET,
    }),
  )
  const { settle } = createSettling({ database: parts.database, logger: createLogger("test", "silent") })
  return {
    ...{ db, settle, service: parts.database, sweeps: parts.housekeeping.sweeps },
    async stop() {
      await parts.close()
      await db.drop()
    },
  }
}

/** Unread ones without an end, each so many days old. */
async function insertOld(db: TestDatabase, userId: string, ages: number[]): Promise<void> {
  await db.query("insert into notifications.inboxes (user_id, unread_count) values (?, ?)", [
    userId,
    ages.length,
  ])
  for (const days of ages) {
    const at = new Date(Date.now() - days * DAY_MS)
    await db.query(
      `insert into notifications.notifications
         (id, user_id, sender, category, title, body, data, created_at, visible_at, unread_from)
       values (:id, :userId, 'backend', 'general', 'Title', 'Body', '{}', :at, :at, :at)`,
      { id: newId(at), userId, at },
    )
  }
}

describeBounds("notifications", async () => {
  const swept = await start()
  const { db } = swept
  return {
    ...swept,
    sweeps: {
      ...swept.sweeps,
      async settling() {
        await insertOld(db, USER, [1])
        await db.query("update notifications.notifications set expires_at = now(), due_at = now()")
        await swept.settle()
        // Or the service's own pulse was quicker.
        await until(
          "the notification goes",
          async () => (await db.query("select from notifications.notifications")).length === 0,
        )
      },
    },
  }
})

describe("old notifications", () => {
  let swept: Awaited<ReturnType<typeof start>>
  before(async () => {
    swept = await start()
  })
  after(() => swept.stop())

  it("leave the inbox and its count after their time, while those that are younger stay", async () => {
    await insertOld(swept.db, OTHER, [366, 400, 364, 1])
    await swept.db.query(
      "update notifications.notifications set expires_at = now() + interval '9 days', due_at = now() + interval '9 days' where visible_at < now() - interval '399 days'",
    )
    assert.equal(await endOldNotifications(swept.service, 365), 1)
    assert.equal(await endOldNotifications(swept.service, 365), 0)
    await swept.db.query(
      "update notifications.notifications set due_at = now() - interval '1 second', expires_at = now() - interval '1 second' where expires_at < now() + interval '2 minutes'",
    )
    await swept.settle()
    const left = await swept.db.query<{ age: number; count: string }>(
      `select extract(day from now() - visible_at)::int as age, i.unread_count as count
       from notifications.notifications join notifications.inboxes i using (user_id)
       where user_id = ? order by age`,
      [OTHER],
    )
    assert.deepEqual(
      left.map(({ age, count }) => [age, Number(count)]),
      [
        [1, 3],
        [364, 3],
        [400, 3],
      ],
    )
  })

  it("are left to whoever changes their inbox at that moment", async () => {
    await swept.db.database.transaction(async (trx) => {
      await trx.raw("select from notifications.inboxes for update")
      assert.equal(await endOldNotifications(swept.service, 100), 0)
    })
    assert.equal(await endOldNotifications(swept.service, 100), 1)
  })
})
