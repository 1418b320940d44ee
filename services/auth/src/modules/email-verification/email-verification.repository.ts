import { type Db, deleteInBatches } from "@gatepost/postgres"

export interface NewEmailVerification {
  tokenHash: Buffer
  accountId: string
  email: string
  ttlSeconds: number
}

export const emailVerificationsRepository = (db: Db) => ({
  async insertVerification(verification: NewEmailVerification): Promise<void> {
    await db.raw(
      `insert into auth.email_verifications (token_hash, account_id, email, expires_at)
       values (:tokenHash, :accountId, :email, now() + make_interval(secs => :ttlSeconds))`,
      { ...verification },
    )
  },

  /** How many were asked for lately: in the last minute, hour and day. */
  async findRecentCounts(accountId: string): Promise<{ minute: number; hour: number; day: number }> {
    const { rows } = await db.raw(
      `select count(*) filter (where created_at > now() - interval '1 minute')::int as minute,
              count(*) filter (where created_at > now() - interval '1 hour')::int as hour, count(*)::int as day
       from auth.email_verifications where account_id = ? and created_at > now() - interval '1 day'`,
      [accountId],
    )
    return rows[0]
  },

  async findAccountId(tokenHash: Buffer): Promise<string | undefined> {
    const { rows } = await db.raw(
      "select account_id from auth.email_verifications where token_hash = ? and consumed_at is null",
      [tokenHash],
    )
    return rows[0]?.account_id
  },

  /** The one use of a link. */
  async consumeVerification(tokenHash: Buffer): Promise<{ email: string } | undefined> {
    const { rows } = await db.raw(
      `update auth.email_verifications set consumed_at = now()
       where token_hash = ? and consumed_at is null and expires_at > now()
       returning email`,
      [tokenHash],
    )
    return rows[0]
  },

  deleteExpired: (): Promise<number> =>
    deleteInBatches(db, "auth.email_verifications", "expires_at < now() - interval '1 day'"),
})
