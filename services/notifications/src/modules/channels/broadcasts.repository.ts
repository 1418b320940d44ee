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

  /**
   * Makes messages to the next `limit` people of a broadcast that is due, and forgets it after the last; all in one
   * transaction, so that nobody is passed over or told twice. The inbox knows who had joined by then.
   *
   * @returns how many people it reached; undefined where none is due
   */
  async expandDue(limit: number): Promise<number | undefined> {
    const { rows } = await db.raw(
      `select id from notifications.broadcast_messages where due_at <= now() order by due_at limit 1 for update skip locked`,
    )
    if (!rows[0]) return undefined
    const { id } = rows[0]
    const chunk = await db.raw(
      `with people as materialized (
         select user_id from (
           (select c.user_id from notifications.contacts c, notifications.broadcast_messages b
            where b.id = :id and c.email is not null and c.is_active and (b.reached is null or c.user_id > b.reached)
            order by c.user_id limit :limit)
           union
           (select distinct d.user_id from notifications.devices d, notifications.broadcast_messages b
            where b.id = :id and (b.reached is null or d.user_id > b.reached)
            order by d.user_id limit :limit)
         ) found order by user_id limit :limit
       ), told as (
         insert into notifications.messages
           (id, user_id, sender, category, title, body, link, data, due_at, expires_at)
         select b.id, p.user_id, b.sender, b.category, b.title, b.body, b.link, b.data, now(), b.expires_at
         from people p, notifications.broadcast_messages b where b.id = :id and b.expires_at > now()
         on conflict do nothing
       ), reached as (
         select count(*)::int as count, (array_agg(user_id order by user_id desc))[1] as last from people
       ), moved as (
         update notifications.broadcast_messages set reached = r.last from reached r where id = :id and r.count = :limit
       )
       select count from reached`,
      { id, limit },
    )
    const { count } = chunk.rows[0]
    if (count < limit) await db.raw("delete from notifications.broadcast_messages where id = ?", [id])
    return count
  },
})
