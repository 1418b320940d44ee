import { type Db, deleteInBatches } from "@gatepost/postgres"

export const approvalsRepository = (db: Db) => ({
  /** @returns whether there was none within the hour */
  async insertApproval(approval: {
    tokenHash: Buffer
    accountId: string
    deviceKey: Buffer
    ttlSeconds: number
  }): Promise<boolean> {
    const { rowCount } = await db.raw(
      `insert into auth.sign_in_approvals (token_hash, account_id, device_key, expires_at)
       select :tokenHash, :accountId, :deviceKey, now() + make_interval(secs => :ttlSeconds)
       where not exists (
         select from auth.sign_in_approvals
         where account_id = :accountId and created_at > now() - interval '1 hour'
       )`,
      approval,
    )
    return rowCount === 1
  },

  async consumeApproval(tokenHash: Buffer): Promise<{ accountId: string; deviceKey: Buffer } | undefined> {
    const { rows } = await db.raw(
      `update auth.sign_in_approvals set consumed_at = now()
       where token_hash = ? and consumed_at is null and expires_at > now()
       returning account_id as "accountId", device_key as "deviceKey"`,
      [tokenHash],
    )
    return rows[0]
  },

  deleteExpired: (): Promise<number> =>
    deleteInBatches(db, "auth.sign_in_approvals", "expires_at < now() - interval '1 day'"),
})
