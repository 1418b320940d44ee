import { type Db, deleteInBatches } from "@gatepost/postgres"

/** Nobody can end another's link by asking again, as long as few are asked for (CONTRACTS.md, Movr). */
const KEPT_LINKS = 3

export interface ResetLink {
  accountId: string
  state: "usable" | "used" | "expired"
}

export const passwordResetsRepository = (db: Db) => ({
  /** Stores a link; of the unspent ones only the newest three stay valid. */
  async insertReset(reset: { tokenHash: Buffer; accountId: string; ttlSeconds: number }): Promise<void> {
    await db.raw(
      `insert into auth.password_resets (token_hash, account_id, expires_at)
       values (:tokenHash, :accountId, now() + make_interval(secs => :ttlSeconds))`,
      { ...reset },
    )
    await db.raw(
      `update auth.password_resets set expires_at = now()
       where account_id = :accountId and consumed_at is null and expires_at > now() and token_hash not in (
         select token_hash from auth.password_resets
         where account_id = :accountId and consumed_at is null
         order by created_at desc, token_hash = :tokenHash desc limit :kept)`,
      { accountId: reset.accountId, tokenHash: reset.tokenHash, kept: KEPT_LINKS },
    )
  },

  /** How many were asked for lately: in the last minute, hour and day. */
  async findRecentCounts(accountId: string): Promise<{ minute: number; hour: number; day: number }> {
    const { rows } = await db.raw(
      `select count(*) filter (where created_at > now() - interval '1 minute')::int as minute,
              count(*) filter (where created_at > now() - interval '1 hour')::int as hour, count(*)::int as day
       from auth.password_resets where account_id = ? and created_at > now() - interval '1 day'`,
      [accountId],
    )
    return rows[0]
  },

  /** Whose link it is, and whether it would be taken now. */
  async findLink(tokenHash: Buffer): Promise<ResetLink | undefined> {
    const { rows } = await db.raw(
      `select account_id as "accountId", case
         when consumed_at is not null then 'used' when expires_at <= now() then 'expired' else 'usable'
       end as state
       from auth.password_resets where token_hash = ?`,
      [tokenHash],
    )
    return rows[0]
  },

  /** The one use of a link. */
  async consumeReset(tokenHash: Buffer): Promise<boolean> {
    const { rowCount } = await db.raw(
      `update auth.password_resets set consumed_at = now()
       where token_hash = ? and consumed_at is null and expires_at > now()`,
      [tokenHash],
    )
    return rowCount === 1
  },

  /**
   * One reset ends them all. Consumed rather than expired: a transaction that began before this one
   * has an earlier now().
   */
  async updateAllConsumed(accountId: string): Promise<void> {
    await db.raw(
      "update auth.password_resets set consumed_at = now() where account_id = ? and consumed_at is null",
      [accountId],
    )
  },

  deleteExpired: (): Promise<number> =>
    deleteInBatches(db, "auth.password_resets", "expires_at < now() - interval '1 day'"),
})
