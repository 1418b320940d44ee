import type { Db } from "@gatepost/postgres"
import { DEFAULT_REACH, type EmailMode, type Preference, type Reach } from "./preferences.types.js"

export interface ReachChange {
  timeZone?: string | undefined
  quietHours?: { from: string; until: string } | null | undefined
  digest?: { every: string; at: string } | undefined
}

interface ReachRow {
  time_zone: string
  quiet_from: string | null
  quiet_until: string | null
  digest_every: Reach["digest"]["every"]
  digest_at: string
}

export const preferencesRepository = (db: Db) => ({
  async findReach(userId: string): Promise<Reach> {
    const { rows } = await db.raw(
      `select time_zone, to_char(quiet_from, 'HH24:MI') as quiet_from, to_char(quiet_until, 'HH24:MI') as quiet_until,
              digest_every, to_char(digest_at, 'HH24:MI') as digest_at
       from notifications.reach where user_id = ?`,
      [userId],
    )
    return rows[0] ? toReach(rows[0]) : DEFAULT_REACH
  },

  /** The row of each, in one order, so that two who lock the same ones don't wait for each other for ever. */
  async lockReach(userIds: readonly string[]): Promise<void> {
    await db.raw(
      `insert into notifications.reach (user_id) select distinct id from unnest(:userIds::uuid[]) as id order by id
       on conflict do nothing`,
      { userIds },
    )
    await db.raw(
      `select from notifications.reach where user_id = any(:userIds::uuid[]) order by user_id for update`,
      { userIds },
    )
  },

  async updateReach(userId: string, { timeZone, quietHours, digest }: ReachChange): Promise<void> {
    await db.raw(
      `update notifications.reach
       set time_zone = coalesce(:timeZone, time_zone),
           quiet_from = case when :quietChanges then :quietFrom::time else quiet_from end,
           quiet_until = case when :quietChanges then :quietUntil::time else quiet_until end,
           digest_every = coalesce(:every, digest_every), digest_at = coalesce(:at::time, digest_at)
       where user_id = :userId`,
      {
        userId,
        timeZone: timeZone ?? null,
        quietChanges: quietHours !== undefined,
        quietFrom: quietHours?.from ?? null,
        quietUntil: quietHours?.until ?? null,
        every: digest?.every ?? null,
        at: digest?.at ?? null,
      },
    )
  },

  async isTimeZone(name: string): Promise<boolean> {
    const { rows } = await db.raw("select notifications.is_time_zone(?) as known", [name])
    return rows[0].known
  },

  async listPreferences(userIds: readonly string[]): Promise<(Preference & { userId: string })[]> {
    const { rows } = await db.raw(
      `select user_id as "userId", category, channel, mode from notifications.preferences
       where user_id = any(:userIds::uuid[]) order by category, channel`,
      { userIds },
    )
    return rows
  },

  async countCategories(userId: string): Promise<number> {
    const { rows } = await db.raw(
      "select count(distinct category)::int as count from notifications.preferences where user_id = ?",
      [userId],
    )
    return rows[0].count
  },

  async upsertPreference(userId: string, { category, channel, mode }: Preference): Promise<void> {
    await db.raw(
      `insert into notifications.preferences (user_id, category, channel, mode)
       values (:userId, :category, :channel, :mode)
       on conflict (user_id, category, channel) do update set mode = excluded.mode`,
      { userId, category, channel, mode },
    )
  },

  /** Of all categories: no row of its own says otherwise any more. */
  async updateAllEmail(userId: string, mode: EmailMode): Promise<void> {
    await db.raw("delete from notifications.preferences where user_id = ? and channel = 'email'", [userId])
    await this.upsertPreference(userId, { category: "*", channel: "email", mode })
  },

  async findUnsubscribeKey(userId: string): Promise<string | undefined> {
    const { rows } = await db.raw(
      "select unsubscribe_key as key from notifications.reach where user_id = ?",
      [userId],
    )
    return rows[0]?.key
  },

  async findByUnsubscribeKey(key: string): Promise<string | undefined> {
    const { rows } = await db.raw(
      `select user_id as "userId" from notifications.reach where unsubscribe_key = ?`,
      [key],
    )
    return rows[0]?.userId
  },

  async deleteReach(userId: string): Promise<void> {
    await db.raw("delete from notifications.reach where user_id = ?", [userId])
  },
})

const toReach = (row: ReachRow): Reach => ({
  timeZone: row.time_zone,
  quietHours:
    row.quiet_from && row.quiet_until ? { from: row.quiet_from, until: row.quiet_until } : undefined,
  digest: { every: row.digest_every, at: row.digest_at },
})
