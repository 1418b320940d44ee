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

  /** How many were asked for lately: in the last minute and in the last hour. */
  async findRecentCounts(accountId: string): Promise<{ minute: number; hour: number }> {
    const { rows } = await db.raw(
      `select count(*) filter (where created_at > now() - interval '1 minute')::int as minute, count(*)::int as hour
       from auth.email_verifications where account_id = ? and created_at > now() - interval '1 hour'`,
      [accountId],
    )
    return rows[0]
  },

  /** The one use of a link. */
  async consumeVerification(tokenHash: Buffer): Promise<{ accountId: string; email: string } | undefined> {
    const { rows } = await db.raw(
      `update auth.email_verifications set consumed_at = now()
       where token_hash = ? and consumed_at is null and expires_at > now()
       returning account_id as "accountId", email`,
      [tokenHash],
    )
    return rows[0]
  },

  deleteExpired: (): Promise<number> =>
    deleteInBatches(db, "auth.email_verifications", "expires_at < now() - interval '1 day'"),
})
