import { type Db, deleteInBatches } from "@gatepost/postgres"

/** A fact that is due, as its trigger wrote it. */
export interface StoredFact {
  /** A later truth has a higher one. */
  number: number
  id: string
  /** This one included. */
  tries: number
  fact: { kind: string; user_agent?: string | null; device?: string | null; [member: string]: unknown }
}

// In one order, as the trigger that deletes those of an account: who waits for a row holds none that comes after it.
const LOCKED =
  "select number from auth.facts where number = any(:numbers::bigint[]) order by number for update"

export const notificationsFeedRepository = (db: Db) => ({
  /** From this commit on triggers write facts: of every account whose change is not committed by then. */
  async insertFeed(): Promise<void> {
    const { rows } = await db.raw("select from auth.notifications_feed")
    if (rows.length > 0) return
    // Waits for who writes an account now, so that none is neither told of nor found later.
    await db.raw("lock table auth.accounts in share row exclusive mode")
    await db.raw("insert into auth.notifications_feed default values on conflict do nothing")
  },

  async deleteFeed(): Promise<void> {
    await db.raw("delete from auth.notifications_feed")
    await deleteInBatches(db, "auth.facts", "true")
  },

  async insertFact(fact: object): Promise<void> {
    await db.raw("insert into auth.facts (fact) values (?)", [JSON.stringify(fact)])
  },

  /**
   * Facts of the next accounts that were there before the feed was. Each is read under its lock, and numbered then.
   *
   * @returns whether there may be more
   */
  async insertNextContacts(limit: number): Promise<boolean> {
    const { rows } = await db.raw(
      `select told_up_to as "toldUpTo" from auth.notifications_feed where not knows_all for update skip locked`,
    )
    if (!rows[0]) return false
    const found = await db.raw(
      `with next as materialized (
         select a from auth.accounts a where (:toldUpTo::uuid is null or a.id > :toldUpTo)
         order by a.id limit :limit for share
       ), told as (
         insert into auth.facts (fact) select auth.contact_fact(a) from next
       )
       select (a).id from next order by 1 desc`,
      { toldUpTo: rows[0].toldUpTo, limit },
    )
    const isMore = found.rows.length === limit
    await db.raw(
      "update auth.notifications_feed set told_up_to = coalesce(:last::uuid, told_up_to), knows_all = :knowsAll",
      { last: found.rows[0]?.id ?? null, knowsAll: !isMore },
    )
    return isMore
  },

  /** Those that are due, the oldest first, for this caller alone until the lease is over. */
  async claimDue(limit: number, leaseSeconds: number): Promise<StoredFact[]> {
    const { rows } = await db.raw(
      `with due as materialized (
         select number from auth.facts where due_at <= now() order by due_at limit :limit for update skip locked
       )
       update auth.facts f set tries = tries + 1, due_at = now() + make_interval(secs => :leaseSeconds)
       from due where f.number = due.number
       returning f.number::text, f.id, f.tries, f.fact`,
      { limit, leaseSeconds },
    )
    return rows
      .map((row: StoredFact) => ({ ...row, number: Number(row.number) }))
      .sort((a: StoredFact, b: StoredFact) => a.number - b.number)
  },

  async deleteTold(numbers: readonly number[]): Promise<void> {
    await db.raw(`delete from auth.facts where number in (${LOCKED})`, { numbers })
  },

  async updateDue(numbers: readonly number[], inSeconds: number, answer: string): Promise<void> {
    await db.raw(
      `update auth.facts set due_at = now() + make_interval(secs => :inSeconds), last_answer = :answer
       where number in (${LOCKED})`,
      { numbers, inSeconds, answer },
    )
  },

  async findOldestSeconds(): Promise<number> {
    const { rows } = await db.raw(
      "select coalesce(extract(epoch from now() - min(created_at)), 0)::int as seconds from auth.facts",
    )
    return rows[0].seconds
  },
})
