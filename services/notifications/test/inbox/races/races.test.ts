import assert from "node:assert/strict"
import { Problem } from "@gatepost/http"
import type { Db } from "@gatepost/postgres"
import { race, until } from "@gatepost/testkit"
import { changesRepository } from "#src/modules/inbox/changes.repository.js"
import { deliveryRepository } from "#src/modules/inbox/index.js"
import { newUser, openInbox, type TestInbox } from "../../support/inbox.js"

// DELIVERY.md, "Lessons from the best inbox systems". Each holds one side open at the point that matters.
describe("races of an inbox", () => {
  let subject: TestInbox

  before(async () => {
    subject = await openInbox(20)
  })
  beforeEach(() => subject.db.query("truncate notifications.inboxes, notifications.broadcasts cascade"))
  after(() => subject.close())

  const message = { sender: "x", category: "x", title: "x", body: "x", data: {}, link: null, actions: [] }
  const everything = { unread: false, archived: false, category: undefined }

  /** Count and list, which must agree. */
  async function unreadOf(user: string): Promise<string[]> {
    const filter = { ...everything, unread: true }
    const page = await subject.inbox.list(user, filter, { limit: 100, cursor: undefined })
    const items: { id: string }[] = JSON.parse(page.items)
    const unreadCount = await subject.inbox.countUnread(user)
    assert.equal(unreadCount, items.length, "the count and the list disagree")
    return items.map(({ id }) => id)
  }

  const insert = (trx: Db, user: string, id: string) =>
    deliveryRepository(trx).insertNotifications(message, [{ id, userId: user }])

  const waiting = (count = 1) =>
    until("those who wait for a lock", async () => {
      const rows = await subject.db.query(
        "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      )
      return rows.length >= count
    })

  /** Starts `late` while the transaction of `first` is open, and ends that only when `late` waits for it. */
  async function interleave(first: (trx: Db) => Promise<unknown>, late: () => Promise<unknown>) {
    const { running } = await subject.database.transaction(async (trx) => {
      await first(trx)
      const running = late()
      running.catch(() => {})
      await waiting()
      return { running }
    })
    return running
  }

  it("markall_counter_race: what commits between mark-all's BEGIN and its lock is read, and not counted", async () => {
    const user = newUser()
    await subject.send([user])
    const [id, later] = [newUser(), newUser()]
    // The transaction of the mark begins first, so its now() is before the insert's time.
    await subject.database.transaction(async (marking) => {
      await marking.raw("select now()")
      const inserting = subject.database.transaction((trx) => insert(trx, user, id))
      await inserting
      await changesRepository(marking).updateAllRead(user)
    })
    assert.deepEqual(await unreadOf(user), [])
    await subject.database.transaction((trx) => insert(trx, user, later))
    assert.deepEqual(await unreadOf(user), [later])
  })

  it("deliver_markall_race: a mark that waited for an insert has it, an insert that waited for a mark is unread", async () => {
    const user = newUser()
    const [earlier, later] = [newUser(), newUser()]
    await interleave(
      (trx) => insert(trx, user, earlier),
      () => subject.inbox.markAllRead(user),
    )
    assert.deepEqual(await unreadOf(user), [])

    await interleave(
      (trx) => changesRepository(trx).updateAllRead(user),
      () => subject.database.transaction((trx) => insert(trx, user, later)),
    )
    assert.deepEqual(await unreadOf(user), [later])
  })

  it("broadcast_markall_race: nobody marks as read what everyone is being told", async () => {
    const user = newUser()
    await subject.send([user])
    const id = newUser()
    const told = { ...message, expiresAt: new Date(Date.now() + 60_000) }
    // Its time is taken, and it is not committed: a mark now would pass over it.
    await interleave(
      async (trx) => {
        await deliveryRepository(trx).lockEveryone()
        await deliveryRepository(trx).insertBroadcast(id, told)
      },
      () => subject.inbox.markAllRead(user),
    )
    // It could be seen when the mark took its time, so it is read; and both agree.
    assert.deepEqual(await unreadOf(user), [])

    const next = newUser()
    await interleave(
      (trx) => changesRepository(trx).updateAllRead(user),
      () =>
        subject.database.transaction(async (trx) => {
          await deliveryRepository(trx).lockEveryone()
          await deliveryRepository(trx).insertBroadcast(next, told)
        }),
    )
    assert.deepEqual(await unreadOf(user), [next])
  })

  it("markunread_markall_race: whichever comes last wins, and a later mark-unread survives", async () => {
    const user = newUser()
    const [id = ""] = await subject.send([user])
    const [everyones = ""] = await subject.send([])
    for (const item of [id, everyones]) {
      await interleave(
        (trx) => changesRepository(trx).updateAllRead(user),
        () => subject.inbox.change(user, item, "unread"),
      )
      assert.deepEqual(await unreadOf(user), [item])

      await interleave(
        async (trx) => {
          const repository = changesRepository(trx)
          const inbox = await repository.lockInbox(user)
          await (item === id
            ? repository.updateNotification(inbox, item, "unread")
            : repository.updateBroadcastState(inbox, item, "unread"))
        },
        () => subject.inbox.markAllRead(user),
      )
      assert.deepEqual(await unreadOf(user), [])
    }
  })

  it("settle_markall_race: what appears while all is marked is counted once or not at all", async () => {
    const user = newUser()
    const [id = ""] = await subject.send([user], { sendAt: new Date(Date.now() + 3_600_000) })
    await subject.elapse(2)
    assert.deepEqual(await unreadOf(user), [id], "due, and nobody settled it")
    await race(16, (index) => (index % 2 ? subject.settle() : subject.inbox.markAllRead(user)))
    await subject.settle()
    assert.deepEqual(await unreadOf(user), [])
    const { unread_count } = await storedInbox(user)
    assert.equal(unread_count, 0)
  })

  it("broadcast_gc_resurrect: who touches what is being swept away brings nothing back", async () => {
    const user = newUser()
    const [id = ""] = await subject.send([], { expiresAt: new Date(Date.now() + 3_600_000) })
    await subject.inbox.change(user, id, "read")
    await subject.elapse(2)
    const outcomes = await race(16, (index) =>
      index % 2
        ? subject.settle()
        : subject.inbox.change(user, id, "unread").catch((error: unknown) => error),
    )
    for (const outcome of outcomes.filter((_, index) => index % 2 === 0)) {
      assert.ok(outcome instanceof Problem && outcome.code === "notification.not-found", String(outcome))
    }
    assert.deepEqual(await unreadOf(user), [])
    const left = await subject.db.query(
      "select 1 from notifications.broadcast_states union all select 1 from notifications.broadcasts",
    )
    assert.deepEqual(left, [])
  })

  it("lets sixteen callers change one item in every way, and counts what is left", async () => {
    const user = newUser()
    const changes = ["read", "unread", "archive", "unarchive", "seen", "delete", "markAll", "snooze"] as const
    for (let round = 0; round < 4; round++) {
      const ids = [...(await subject.send([user])), ...(await subject.send([]))]
      await race(16, async (index) => {
        const change = changes[(index + round) % changes.length] ?? "read"
        const id = ids[index % ids.length] ?? ""
        try {
          if (change === "markAll") await subject.inbox.markAllRead(user)
          else if (change === "delete") await subject.inbox.remove(user, id)
          else if (change === "snooze") await subject.inbox.snooze(user, id, new Date(Date.now() + 60_000))
          else await subject.inbox.change(user, id, change)
        } catch (error) {
          assert.ok(error instanceof Problem && error.code === "notification.not-found", String(error))
        }
      })
      await unreadOf(user)
    }
  })

  it("counts each of sixteen sends to many at once, though they lock the same inboxes in any order", async () => {
    const users = Array.from({ length: 8 }, newUser)
    await race(16, (index) => subject.send(index % 2 ? users : [...users].reverse()))
    for (const user of users) assert.equal((await unreadOf(user)).length, 16)
  })

  it("marks twenty thousand as read with less than a kilobyte of write-ahead log", async () => {
    const user = newUser()
    await subject.send([user])
    await subject.db.query(
      `insert into notifications.notifications
         (id, user_id, sender, category, title, body, data, created_at, visible_at, unread_from)
       select gen_random_uuid(), :user, 'x', 'x', 'x', 'x', '{}', now(), now(), now() from generate_series(2, 20000)`,
      { user },
    )
    await subject.db.query("update notifications.inboxes set unread_count = 20000 where user_id = ?", [user])
    const position = async () => {
      const [row] = await subject.db.query<{ bytes: string }>(
        "select pg_current_wal_insert_lsn() - '0/0'::pg_lsn as bytes",
      )
      return Number(row?.bytes)
    }
    const logged: number[] = []
    // The least of several: the log is that of the whole server, which does other things as well.
    for (let turn = 0; turn < 5; turn++) {
      const before = await position()
      await subject.inbox.markAllRead(user)
      logged.push((await position()) - before)
    }
    assert.deepEqual(await unreadOf(user), [])
    assert.ok(Math.min(...logged) < 1_024, String(logged))
  })

  const storedInbox = async (user: string) => {
    const [row] = await subject.db.query<{ unread_count: number }>(
      "select unread_count::int from notifications.inboxes where user_id = ?",
      [user],
    )
    return row ?? { unread_count: -1 }
  }
})
