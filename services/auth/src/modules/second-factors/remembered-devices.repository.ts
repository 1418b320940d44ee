import { type Db, deleteInBatches } from "@gatepost/postgres"

export interface NewDevice {
  tokenHash: Buffer
  accountId: string
  userAgent: string | undefined
  ttlSeconds: number
}

// A person with more than this is asked again on the one they used least.
const MAX_DEVICES = 20

export const rememberedDevicesRepository = (db: Db) => ({
  async insertDevice({ tokenHash, accountId, userAgent, ttlSeconds }: NewDevice): Promise<void> {
    await db.raw(
      `delete from auth.remembered_devices where account_id = :accountId and token_hash not in (
         select token_hash from auth.remembered_devices where account_id = :accountId
         order by last_used_at desc limit ${MAX_DEVICES - 1})`,
      { accountId },
    )
    await db.raw(
      `insert into auth.remembered_devices (token_hash, account_id, user_agent, expires_at)
       values (:tokenHash, :accountId, :userAgent, now() + make_interval(secs => :ttlSeconds))`,
      { tokenHash, accountId, userAgent: userAgent ?? null, ttlSeconds },
    )
  },

  /** @returns since when (seconds since 1970) a device of this account is remembered, if it is */
  async updateUsed(accountId: string, tokenHash: Buffer): Promise<number | undefined> {
    const { rows } = await db.raw(
      `update auth.remembered_devices set last_used_at = now()
       where token_hash = ? and account_id = ? and expires_at > now()
       returning extract(epoch from created_at)::float8 as since`,
      [tokenHash, accountId],
    )
    return rows[0]?.since
  },

  async countAll(accountId: string): Promise<number> {
    const { rows } = await db.raw(
      "select count(*)::int as count from auth.remembered_devices where account_id = ? and expires_at > now()",
      [accountId],
    )
    return rows[0].count
  },

  async deleteAll(accountId: string): Promise<number> {
    const { rowCount } = await db.raw("delete from auth.remembered_devices where account_id = ?", [accountId])
    return rowCount ?? 0
  },

  deleteExpired: (): Promise<number> => deleteInBatches(db, "auth.remembered_devices", "expires_at < now()"),
})
