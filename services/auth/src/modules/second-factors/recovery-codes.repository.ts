import type { Db } from "@gatepost/postgres"

export const recoveryCodesRepository = (db: Db) => ({
  /** A new set; the old one is void. */
  async insertSet(accountId: string, hashes: Buffer[]): Promise<void> {
    await this.deleteAll(accountId)
    await db.raw(
      `insert into auth.recovery_codes (account_id, code_hash)
       values ${hashes.map(() => "(?, ?)").join(", ")}`,
      hashes.flatMap((hash) => [accountId, hash]),
    )
  },

  async countLeft(accountId: string): Promise<number> {
    const { rows } = await db.raw(
      "select count(*)::int as count from auth.recovery_codes where account_id = ? and consumed_at is null",
      [accountId],
    )
    return rows[0].count
  },

  /** The one use of a code. */
  async consumeCode(accountId: string, codeHash: Buffer): Promise<boolean> {
    const { rowCount } = await db.raw(
      `update auth.recovery_codes set consumed_at = now()
       where account_id = ? and code_hash = ? and consumed_at is null`,
      [accountId, codeHash],
    )
    return rowCount === 1
  },

  async deleteAll(accountId: string): Promise<void> {
    await db.raw("delete from auth.recovery_codes where account_id = ?", [accountId])
  },
})
