import type { Db } from "@gatepost/postgres"
import { itemColumns, toNotification } from "./inbox.repository.js"
import { EVERYONE, EVERYONE_LOCK, HINT_CHANNEL, NEXT_MOMENT } from "./inbox.sql.js"
import type { Message, Notification, Recipient } from "./inbox.types.js"

const toBindings = (message: Message) => ({
  ...message,
  data: JSON.stringify(message.data),
  actions: JSON.stringify(message.actions),
  sendAt: message.sendAt ?? null,
  expiresAt: message.expiresAt ?? null,
})

export const deliveryRepository = (db: Db) => ({
  /**
   * A row for each recipient, and their counts, each under the lock of its inbox. What is sent for later waits, even
   * if later is now: then it is counted as what time alone changed, so no two readings of the clock can disagree.
   */
  async insertNotifications(message: Message, recipients: readonly Recipient[]): Promise<Notification[]> {
    const { rows } = await db.raw(
      `with recipients as (
         select * from unnest(:ids::uuid[], :userIds::uuid[]) as r (id, user_id)
       ), inboxes as (
         insert into notifications.inboxes as i (user_id, unread_count, changed_at)
         select r.user_id, (:sendAt::timestamptz is null)::int, clock_timestamp() from recipients r order by 1
         on conflict (user_id) do update
           set unread_count = i.unread_count + excluded.unread_count, changed_at = ${NEXT_MOMENT}
         returning i.user_id, i.changed_at, i.read_up_to, i.seen_up_to,
           pg_notify('${HINT_CHANNEL}', i.user_id::text)
       ), items as (
         insert into notifications.notifications (id, user_id, sender, category, title, body, data, link, actions,
           created_at, visible_at, unread_from, expires_at, due_at)
         select r.id, r.user_id, :sender, :category, :title, :body, :data::jsonb, :link, :actions::jsonb,
           i.changed_at, greatest(i.changed_at, :sendAt), greatest(i.changed_at, :sendAt), :expiresAt::timestamptz,
           case when :sendAt::timestamptz is null then :expiresAt else greatest(i.changed_at, :sendAt) end
         from recipients r join inboxes i on i.user_id = r.user_id
         returning *
       )
       select c.user_id, ${itemColumns("c", "c", "i.read_up_to", "i.seen_up_to")}
       from items c join inboxes i on i.user_id = c.user_id`,
      {
        ...toBindings(message),
        ids: recipients.map(({ id }) => id),
        userIds: recipients.map(({ userId }) => userId),
      },
    )
    return rows.map((row: Parameters<typeof toNotification>[1] & { user_id: string }) =>
      toNotification(row.user_id, row),
    )
  },

  async hasNotification(id: string): Promise<boolean> {
    const { rows } = await db.raw("select 1 from notifications.notifications where id = ?", [id])
    return rows.length === 1
  },

  /** Nobody marks all as read until the transaction's end: what they mark then, they could have seen. */
  async lockEveryone(): Promise<void> {
    await db.raw(`select pg_advisory_xact_lock(${EVERYONE_LOCK})`)
  },

  /** How many are not over, those to come as well. */
  async countBroadcasts(): Promise<number> {
    const { rows } = await db.raw(
      "select count(*)::int as count from notifications.broadcasts where expires_at > clock_timestamp()",
    )
    return rows[0].count
  },

  /** One row, whoever sees it. The lock of {@link lockEveryone} must be held. */
  async insertBroadcast(id: string, message: Message): Promise<{ createdAt: Date; visibleAt: Date }> {
    const { rows } = await db.raw(
      `insert into notifications.broadcasts (id, sender, category, title, body, data, link, actions,
         created_at, visible_at, expires_at, due_at)
       select :id, :sender, :category, :title, :body, :data::jsonb, :link, :actions::jsonb, moment,
         greatest(moment, :sendAt::timestamptz), :expiresAt::timestamptz,
         case when :sendAt::timestamptz > moment then :sendAt else :expiresAt::timestamptz end
       from (select clock_timestamp() as moment) taken
       returning created_at, visible_at, pg_notify('${HINT_CHANNEL}', '${EVERYONE}')`,
      { ...toBindings(message), id },
    )
    return { createdAt: rows[0].created_at, visibleAt: rows[0].visible_at }
  },
})
