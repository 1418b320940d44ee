import type { Db } from "@gatepost/postgres"
import type { BroadcastMessage } from "./channels.types.js"

export const broadcastsRepository = (db: Db) => ({
  async insertBroadcast({ data, link, notBefore, expiresAt, ...message }: BroadcastMessage): Promise<void> {
    await db.raw(
      `insert into notifications.broadcast_messages
         (id, sender, category, title, body, link, data, due_at, expires_at)
       values (:id, :sender, :category, :title, :body, :link, :data, coalesce(:notBefore, now()),
               least(:expiresAt, coalesce(:notBefore, now()) + interval '8 days'))
       on conflict do nothing`,
      {
        ...message,
        link: link ?? null,
        data: JSON.stringify(data ?? {}),
        notBefore: notBefore ?? null,
        expiresAt: expiresAt ?? null,
      },
    )
  },

  /** One that is due, for this transaction alone, with the last user that it has reached. */
  async lockDue(): Promise<{ id: string; reached: string; isExpired: boolean } | undefined> {
    const { rows } = await db.raw(
      `select id, coalesce(reached, '00000000-0000-0000-0000-000000000000') as reached,
              expires_at <= now() as "isExpired"
       from notifications.broadcast_messages
       where due_at <= now() order by due_at limit 1 for update skip locked`,
    )
    return rows[0]
  },

  /**
   * Makes messages to the next people after one, be they told of by the auth service or by a device of theirs. The
   * inbox knows who of them had joined by then.
   *
   * @returns the last of them, and how many they are
   */
  async insertNextMessages(
    id: string,
    reached: string,
    limit: number,
  ): Promise<{ last: string | undefined; count: number }> {
    const { rows } = await db.raw(
      `with people as materialized (
         select user_id from (
           (select user_id from notifications.contacts
            where user_id > :reached and email is not null and is_active order by user_id limit :limit)
           union
           (select distinct user_id from notifications.devices
            where user_id > :reached order by user_id limit :limit)
         ) found order by user_id limit :limit
       ), told as (
         insert into notifications.messages
           (id, user_id, sender, category, title, body, link, data, due_at, expires_at)
         select b.id, p.user_id, b.sender, b.category, b.title, b.body, b.link, b.data, now(), b.expires_at
         from people p, notifications.broadcast_messages b where b.id = :id
         on conflict do nothing
       )
       select user_id from people order by user_id`,
      { id, reached, limit },
    )
    return { last: rows.at(-1)?.user_id, count: rows.length }
  },

  async updateReached(id: string, reached: string): Promise<void> {
    await db.raw("update notifications.broadcast_messages set reached = ? where id = ?", [reached, id])
  },

  async deleteBroadcast(id: string): Promise<void> {
    await db.raw("delete from notifications.broadcast_messages where id = ?", [id])
  },
})
