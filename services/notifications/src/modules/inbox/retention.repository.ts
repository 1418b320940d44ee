import type { Db } from "@gatepost/postgres"

/** Found by their ids, which begin with the time they were made: an index by age would cost every notification. */
const OLD = `
  select id, user_id from notifications.notifications
  where id < :madeBefore and due_at is null and visible_at < now() - make_interval(days => :days)
  order by id limit 1000`

/** Notifications that have no end, and are old. */
export const retentionRepository = (db: Db) => ({
  /** The inboxes of some of them, locked against their other changes; not those that somebody else has locked. */
  async lockInboxes(madeBefore: string, days: number): Promise<string[]> {
    const { rows } = await db.raw(
      `with old as (${OLD})
       select i.user_id from notifications.inboxes i where i.user_id in (select user_id from old)
       order by i.user_id for no key update skip locked`,
      { madeBefore, days },
    )
    return rows.map(({ user_id }: { user_id: string }) => user_id)
  },

  /**
   * Gives those of locked inboxes an end in a minute, when settling deletes and uncounts them as any other.
   *
   * @returns how many
   */
  async updateEnding(userIds: readonly string[], madeBefore: string, days: number): Promise<number> {
    const { rowCount } = await db.raw(
      `with old as (${OLD})
       update notifications.notifications n
       set expires_at = clock_timestamp() + interval '1 minute', due_at = clock_timestamp() + interval '1 minute'
       where n.id = any(array(select id from old)) and n.user_id = any(:userIds::uuid[])`,
      { userIds: [...userIds], madeBefore, days },
    )
    return rowCount ?? 0
  },
})
