import type { Db } from "@gatepost/postgres"
import { EVERYONE, HINT_CHANNEL, NEXT_MOMENT } from "./inbox.sql.js"

const BATCH = 500
// In brackets it is taken once, so that an index can be asked for it; alone it is another for each row.
const MOMENT = "(select clock_timestamp())"

/** Takes into the rows what time alone has changed. Counts and lists are right without it, and stay quick with it. */
export const settlingRepository = (db: Db) => ({
  /** The inboxes of what is due now, locked against their other changes; not those that somebody else has locked. */
  async lockDueInboxes(): Promise<string[]> {
    const { rows } = await db.raw(
      `with due as (
         (select user_id from notifications.notifications where due_at <= ${MOMENT}
          order by due_at limit ${BATCH})
         union
         (select user_id from notifications.broadcast_states where due_at <= ${MOMENT}
          order by due_at limit ${BATCH})
       )
       select i.user_id from notifications.inboxes i where i.user_id in (select user_id from due)
       order by i.user_id for no key update skip locked`,
    )
    return rows.map(({ user_id }: { user_id: string }) => user_id)
  },

  /** @returns how many items of these inboxes appeared, came back or ended: of many, some thousand at a time */
  async updateDue(userIds: readonly string[]): Promise<number> {
    const { rows } = await db.raw(
      `with due as (
         select n.id, n.user_id, n.due_at = n.visible_at as waits, coalesce(n.expires_at <= moment, false) as is_over,
           coalesce(n.archived_at is null and n.unread_from > i.read_up_to, false)::int as unread
         from (select clock_timestamp() as moment) taken cross join notifications.notifications n
         join notifications.inboxes i on i.user_id = n.user_id
         where n.user_id = any(:userIds::uuid[]) and n.due_at <= moment
         limit ${10 * BATCH}
       ), ended as (
         delete from notifications.notifications n using due where n.id = due.id and due.is_over
         returning due.user_id, case when due.waits then 0 else -due.unread end as change
       ), appeared as (
         update notifications.notifications n set due_at = n.expires_at from due
         where n.id = due.id and not due.is_over returning due.user_id, due.unread as change
       ), returned as (
         update notifications.broadcast_states s set due_at = null
         where s.user_id = any(:userIds::uuid[]) and s.due_at <= ${MOMENT} returning s.user_id, 0 as change
       ), changes as (
         select user_id, sum(change) as change, count(*) as count
         from (table ended union all table appeared union all table returned) each group by user_id
       ), counted as (
         update notifications.inboxes i
         set unread_count = i.unread_count + c.change, changed_at = ${NEXT_MOMENT}
         from changes c where i.user_id = c.user_id returning pg_notify('${HINT_CHANNEL}', i.user_id::text)
       )
       select coalesce(sum(count), 0)::int as count from changes`,
      { userIds: [...userIds] },
    )
    return rows[0].count
  },

  /** Broadcasts whose time has come, and those whose time is over, with what anybody did with them. */
  async updateDueBroadcasts(): Promise<void> {
    await db.raw(
      `with appeared as (
         update notifications.broadcasts set due_at = expires_at
         where due_at <= ${MOMENT} and due_at < expires_at returning id
       ), ended as (
         delete from notifications.broadcasts where id = any(array(
           select id from notifications.broadcasts b where due_at <= ${MOMENT} and expires_at <= ${MOMENT}
             and not exists (select from notifications.broadcast_states s where s.broadcast_id = b.id)
           limit 10 for update skip locked)) returning id
       )
       select pg_notify('${HINT_CHANNEL}', '${EVERYONE}') where exists (table appeared union all table ended)`,
    )
  },
})
