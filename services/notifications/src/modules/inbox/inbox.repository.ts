import { type Db, prepared } from "@gatepost/postgres"
import type { Notification, Position } from "./inbox.types.js"

interface NotificationRow {
  id: string
  user_id: string
  category: string
  title: string
  body: string
  data: Record<string, unknown>
  created_at: Date
  position: string
  is_read: boolean
}

export interface NewNotification {
  id: string
  userId: string
  sender: string
  category: string
  title: string
  body: string
  data: Record<string, unknown>
}

const IS_READ = "(n.read_at is not null or n.created_at <= i.read_up_to)"
const COLUMNS = `n.id, n.user_id, n.category, n.title, n.body, n.data, n.created_at,
  n.created_at::text as position, ${IS_READ} as is_read`

export const inboxRepository = (db: Db) => ({
  /**
   * The time is read under the lock of the user's inbox row, so it can't fall behind a mark-all-read
   * that commits meanwhile: nothing is ever marked read that was not there to be seen.
   */
  async insertNotification(notification: NewNotification): Promise<Notification> {
    const { rows } = await db.raw(
      `with inbox as (
         insert into notifications.inboxes (user_id) values (:userId)
         on conflict (user_id) do update set user_id = excluded.user_id
         returning user_id
       )
       insert into notifications.notifications
         (id, user_id, sender, category, title, body, data, created_at)
       select :id, user_id, :sender, :category, :title, :body, :data::jsonb, clock_timestamp() from inbox
       returning id, user_id, category, title, body, data, created_at, false as is_read`,
      { ...notification, data: JSON.stringify(notification.data) },
    )
    return toNotification(rows[0])
  },

  /** Newest first, from behind `after`. */
  async listNotifications(userId: string, limit: number, after?: Position) {
    const rows = await prepared<NotificationRow>(db, {
      name: after ? "list-notifications-after" : "list-notifications",
      text: `select ${COLUMNS}
        from notifications.notifications n join notifications.inboxes i on i.user_id = n.user_id
        where n.user_id = $1 ${after ? "and (n.created_at, n.id) < ($3::timestamptz, $4::uuid)" : ""}
        order by n.created_at desc, n.id desc limit $2`,
      values: [userId, limit, ...(after ? [after.createdAt, after.id] : [])],
    })
    const last = rows.at(-1)
    return {
      items: rows.map(toNotification),
      position: last && { createdAt: last.position, id: last.id },
    }
  },

  async updateRead(userId: string, id: string): Promise<Notification | undefined> {
    const { rows } = await db.raw(
      `update notifications.notifications n set read_at = coalesce(n.read_at, now())
       from notifications.inboxes i where n.id = :id and n.user_id = :userId and i.user_id = n.user_id
       returning ${COLUMNS}`,
      { id, userId },
    )
    return rows[0] && toNotification(rows[0])
  },

  async updateAllRead(userId: string): Promise<void> {
    await db.raw(
      `insert into notifications.inboxes as i (user_id, read_up_to) values (?, clock_timestamp())
       on conflict (user_id) do update set read_up_to = greatest(i.read_up_to, clock_timestamp())`,
      [userId],
    )
  },
})

const toNotification = (row: NotificationRow): Notification => ({
  id: row.id,
  userId: row.user_id,
  category: row.category,
  title: row.title,
  body: row.body,
  data: row.data,
  createdAt: row.created_at,
  isRead: row.is_read,
})
