import { type Db, deleteInBatches } from "@gatepost/postgres"

export type CodePurpose = "verify-email" | "reset-password" | "change-email" | "sign-in"

export interface NewCode {
  id: string
  accountId: string
  /** The address it is sent to: to another one it says nothing. */
  email: string
  purpose: CodePurpose
  mayReset: boolean
  codeHash: Buffer
  ttlSeconds: number
}

/** What somebody wants of a code, and how many wrong tries it has had at most. */
export interface CodeUse {
  purpose: CodePurpose
  resets: boolean
  maxTries: number
}

/** Wrong tries that kill a code; of six digits that reset a password, fewer. */
export const MAX_TRIES = 5
export const MAX_SHORT_RESET_TRIES = 3

export const oneTimeCodesRepository = (db: Db) => ({
  /** Stores a code; an earlier one of the purpose is dead from then on (check 48). */
  async insertCode({
    id,
    accountId,
    email,
    purpose,
    mayReset,
    codeHash,
    ttlSeconds,
  }: NewCode): Promise<void> {
    await db.raw(
      "update auth.one_time_codes set consumed_at = now() where account_id = ? and purpose = ? and consumed_at is null",
      [accountId, purpose],
    )
    await db.raw(
      `insert into auth.one_time_codes (id, account_id, email, purpose, may_reset, code_hash, expires_at)
       values (:id, :accountId, :email, :purpose, :mayReset, :codeHash, now() + make_interval(secs => :ttlSeconds))`,
      { id, accountId, email, purpose, mayReset, codeHash, ttlSeconds },
    )
  },

  /** How many codes of a purpose that may reset a password were made in a day. */
  async findResettingCount(accountId: string, purpose: CodePurpose): Promise<number> {
    const { rows } = await db.raw(
      `select count(*)::int as count from auth.one_time_codes
       where account_id = ? and purpose = ? and may_reset and created_at > now() - interval '1 day'`,
      [accountId, purpose],
    )
    return rows[0].count
  },

  /** Counts a try before anything is compared; until the transaction ends the next one waits. */
  async updateTried(
    account: { id: string; email: string },
    { purpose, resets, maxTries }: CodeUse,
  ): Promise<{ id: string; codeHash: Buffer } | undefined> {
    const { rows } = await db.raw(
      `update auth.one_time_codes set tries = tries + 1
       where account_id = :id and email = :email and purpose = :purpose
         and tries < :maxTries and consumed_at is null and expires_at > now()
         and case when :resets then may_reset else verified_at is null end
       returning id, code_hash as "codeHash"`,
      { id: account.id, email: account.email, purpose, resets, maxTries },
    )
    return rows[0]
  },

  /** A right try was none of the wrong ones that count. */
  async updateForgiven(id: string): Promise<void> {
    await db.raw("update auth.one_time_codes set tries = tries - 1 where id = ?", [id])
  },

  /** The code is dead once it has had so many wrong tries. */
  async updateExhausted(id: string, maxTries: number): Promise<void> {
    await db.raw("update auth.one_time_codes set consumed_at = now() where id = ? and tries >= ?", [
      id,
      maxTries,
    ])
  },

  /** The one use of a code to prove an address; one that may also reset stays valid for that. */
  async consumeVerification(id: string): Promise<boolean> {
    const { rowCount } = await db.raw(
      `update auth.one_time_codes
       set verified_at = now(), consumed_at = case when may_reset then null else now() end
       where id = ? and verified_at is null and consumed_at is null`,
      [id],
    )
    return rowCount === 1
  },

  /** The one use of a code. */
  async consumeCode(id: string): Promise<boolean> {
    const { rowCount } = await db.raw(
      `update auth.one_time_codes set consumed_at = now()
       where id = ? and consumed_at is null and expires_at > now()`,
      [id],
    )
    return rowCount === 1
  },

  /** Whatever proved the address by another way leaves its codes only what else they may do. */
  async updateAllVerified(accountId: string): Promise<void> {
    await db.raw(
      `update auth.one_time_codes
       set verified_at = now(), consumed_at = case when may_reset then null else now() end
       where account_id = ? and purpose = 'verify-email' and verified_at is null and consumed_at is null`,
      [accountId],
    )
  },

  async updateAllConsumed(accountId: string): Promise<void> {
    await db.raw(
      "update auth.one_time_codes set consumed_at = now() where account_id = ? and consumed_at is null",
      [accountId],
    )
  },

  /** Of the codes of the last hour: how many there were, and how many died of wrong tries. */
  async findFateCounts(): Promise<{ made: number; exhausted: number }> {
    const { rows } = await db.raw(
      `select count(*)::int as made,
         count(*) filter (where tries >= ${MAX_TRIES} or (purpose = 'verify-email' and may_reset and tries >= ${MAX_SHORT_RESET_TRIES}))::int as exhausted
       from auth.one_time_codes where created_at > now() - interval '1 hour'`,
    )
    return rows[0]
  },

  deleteExpired: (): Promise<number> =>
    deleteInBatches(db, "auth.one_time_codes", "expires_at < now() - interval '1 day'"),
})
