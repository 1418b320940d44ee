import type { Db } from "@gatepost/postgres"
import { itemColumns, type NotificationRow, toNotification } from "./inbox.repository.js"
import { EVERYONE_LOCK, HINT_CHANNEL, isCounted, NEXT_MOMENT } from "./inbox.sql.js"
import type { Change, Notification } from "./inbox.types.js"
import { joinedAt } from "./joined-at.js"

/** An inbox whose row is locked: what is known of it, and the time of what happens now. */
export interface LockedInbox {
  userId: string
  now: string
  readUpTo: string
  seenUpTo: string
}

/** The same of an item of one's own and of a broadcast's state `t`. */
const ASSIGNMENTS: Record<Exclude<Change, "delete">, string> = {
  read: "unread_from = null, read_at = coalesce(t.read_at, :now), seen_at = coalesce(t.seen_at, :now)",
  unread: "unread_from = :now, read_at = null, archived_at = null",
  seen: "seen_at = coalesce(t.seen_at, :now)",
  archive: `archived_at = coalesce(t.archived_at, :now), unread_from = null, read_at = coalesce(t.read_at, :now),
    seen_at = coalesce(t.seen_at, :now)`,
  unarchive: "archived_at = null",
  snooze: `visible_at = :until::timestamptz, unread_from = :until::timestamptz, read_at = null, seen_at = null,
    archived_at = null`,
}

export const changesRepository = (db: Db) => ({
  /** Makes all other changes of this inbox wait for the transaction's end; makes the inbox if there is none. */
  async lockInbox(userId: string): Promise<LockedInbox> {
    const { rows } = await db.raw(
      `insert into notifications.inboxes as i (user_id, changed_at) values (:userId, clock_timestamp())
       on conflict (user_id) do update set changed_at = ${NEXT_MOMENT}
       returning i.changed_at::text as now, i.read_up_to::text as read_up_to, i.seen_up_to::text as seen_up_to,
         pg_notify('${HINT_CHANNEL}', i.user_id::text)`,
      { userId },
    )
    const [{ now, read_up_to, seen_up_to }] = rows
    return { userId, now, readUpTo: read_up_to, seenUpTo: seen_up_to }
  },

  /** @returns the item of the user's own as it is then; nothing for one that they can't see now, or that ends before `until` */
  async updateNotification(
    inbox: LockedInbox,
    id: string,
    change: Exclude<Change, "delete">,
    until?: Date,
  ): Promise<Notification | undefined> {
    const { rows } = await db.raw(
      `with item as (
         select n.id, ${isCounted("n", ":readUpTo::timestamptz")}::int as counted
         from notifications.notifications n
         where n.id = :id and n.user_id = :userId and n.visible_at <= :now::timestamptz
           and (n.expires_at is null or n.expires_at > greatest(:now, :until::timestamptz))
       ), changed as (
         update notifications.notifications t
         set ${ASSIGNMENTS[change]}, due_at = ${change === "snooze" ? ":until::timestamptz" : "t.expires_at"}
         from item where t.id = item.id returning t.*, item.counted
       ), counted as (
         update notifications.inboxes i
         set unread_count = i.unread_count + ${isCounted("c", ":readUpTo::timestamptz")}::int - c.counted
         from changed c where i.user_id = :userId
           and ${isCounted("c", ":readUpTo::timestamptz")}::int <> c.counted
       )
       select ${itemColumns("c", "c", ":readUpTo::timestamptz", ":seenUpTo::timestamptz")} from changed c`,
      { ...inbox, id, until: until ?? null },
    )
    return toFound(inbox.userId, rows)
  },

  async deleteNotification({ userId, now, readUpTo }: LockedInbox, id: string): Promise<boolean> {
    const { rows } = await db.raw(
      `with gone as (
         delete from notifications.notifications n
         where n.id = :id and n.user_id = :userId and n.visible_at <= :now::timestamptz
           and (n.expires_at is null or n.expires_at > :now)
         returning n.id, ${isCounted("n", ":readUpTo::timestamptz")} as counted
       ), counted as (
         update notifications.inboxes i set unread_count = i.unread_count - 1
         from gone where i.user_id = :userId and gone.counted
       )
       select id from gone`,
      { userId, now, readUpTo, id },
    )
    return rows.length === 1
  },

  /** As {@link updateNotification}, of what everyone was told: the user's own state of it. */
  async updateBroadcastState(
    inbox: LockedInbox,
    id: string,
    change: Change,
    until?: Date,
  ): Promise<Notification | undefined> {
    const bindings = { ...inbox, id, until: until ?? null, joinedAt: joinedAt(inbox.userId) }
    // The lock keeps a broadcast that is swept away meanwhile from getting a state after its end.
    await db.raw(
      `insert into notifications.broadcast_states (user_id, broadcast_id, visible_at, unread_from)
       select :userId, b.id, b.visible_at, b.visible_at from notifications.broadcasts b
       where b.id = :id and b.visible_at >= :joinedAt::timestamptz and b.visible_at <= :now::timestamptz
         and b.expires_at > greatest(:now, :until::timestamptz)
       for key share
       on conflict (user_id, broadcast_id) do nothing`,
      bindings,
    )
    const { rows } = await db.raw(
      `update notifications.broadcast_states t
       set ${change === "delete" ? "deleted_at = :now" : ASSIGNMENTS[change]},
         due_at = ${change === "snooze" ? ":until::timestamptz" : "null"}
       from notifications.broadcasts b
       where t.user_id = :userId and t.broadcast_id = :id and b.id = t.broadcast_id and t.deleted_at is null
         and t.visible_at <= :now::timestamptz and b.expires_at > greatest(:now, :until::timestamptz)
       returning ${itemColumns("b", "t", ":readUpTo::timestamptz", ":seenUpTo::timestamptz")}`,
      bindings,
    )
    return toFound(inbox.userId, rows)
  },

  /** Everything up to now is read: one row, however many items there are. */
  async updateAllRead(userId: string): Promise<void> {
    await db.raw(
      `with gate as materialized (select pg_advisory_xact_lock_shared(${EVERYONE_LOCK}))
       insert into notifications.inboxes as i (user_id, read_up_to, changed_at)
       select :userId, moment, moment from (select clock_timestamp() as moment from gate) taken
       on conflict (user_id) do update
         set read_up_to = ${NEXT_MOMENT}, changed_at = ${NEXT_MOMENT}, unread_count = 0
       returning pg_notify('${HINT_CHANNEL}', i.user_id::text)`,
      { userId },
    )
  },

  /** Everything up to now was on a screen: its user opened the list. */
  async updateAllSeen(userId: string): Promise<void> {
    await db.raw(
      `with gate as materialized (select pg_advisory_xact_lock_shared(${EVERYONE_LOCK}))
       insert into notifications.inboxes as i (user_id, seen_up_to, changed_at)
       select :userId, moment, moment from (select clock_timestamp() as moment from gate) taken
       on conflict (user_id) do update set seen_up_to = ${NEXT_MOMENT}, changed_at = ${NEXT_MOMENT}
       returning pg_notify('${HINT_CHANNEL}', i.user_id::text)`,
      { userId },
    )
  },
})

const toFound = (userId: string, [row]: NotificationRow[]): Notification | undefined =>
  row && toNotification(userId, row)
