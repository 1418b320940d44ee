import { type Db, deleteInBatches } from "@gatepost/postgres"

export interface NewSignInLink {
  bindingHash: Buffer
  tokenHash: Buffer
  accountId: string
  email: string
  /** Of the code in the same mail. */
  codeId: string
  ttlSeconds: number
}

export interface OpenSignInLink {
  accountId: string
  email: string
  codeId: string | undefined
  /** Seconds since 1970. */
  askedAt: number
}

const OPEN = "binding_hash = :bindingHash and consumed_at is null and expires_at > now()"
const MEMBERS = `account_id as "accountId", email, code_id as "codeId", extract(epoch from created_at)::float8 as "askedAt"`

export const signInLinksRepository = (db: Db) => ({
  async insertLink(link: NewSignInLink): Promise<void> {
    await db.raw(
      `insert into auth.sign_in_links (binding_hash, token_hash, account_id, email, code_id, expires_at)
       values (:bindingHash, :tokenHash, :accountId, :email, :codeId, now() + make_interval(secs => :ttlSeconds))`,
      { ...link },
    )
  },

  /** How many were asked for lately: in the last minute, hour and day. */
  async findRecentCounts(accountId: string): Promise<{ minute: number; hour: number; day: number }> {
    const { rows } = await db.raw(
      `select count(*) filter (where created_at > now() - interval '1 minute')::int as minute,
              count(*) filter (where created_at > now() - interval '1 hour')::int as hour, count(*)::int as day
       from auth.sign_in_links where account_id = ? and created_at > now() - interval '1 day'`,
      [accountId],
    )
    return rows[0]
  },

  /** @param tokenHash of the mail's link, if that is what they come with; a code has to be open still */
  async findOpen(bindingHash: Buffer, tokenHash?: Buffer): Promise<OpenSignInLink | undefined> {
    const { rows } = await db.raw(
      `select ${MEMBERS} from auth.sign_in_links
       where ${OPEN} and case when :tokenHash::bytea is not null then token_hash = :tokenHash
         else exists (select from auth.one_time_codes c where c.id = code_id and c.consumed_at is null) end`,
      { bindingHash, tokenHash: tokenHash ?? null },
    )
    return rows[0]
  },

  /** The one use, by link or by code. */
  async consumeLink(bindingHash: Buffer): Promise<boolean> {
    const { rowCount } = await db.raw(`update auth.sign_in_links set consumed_at = now() where ${OPEN}`, {
      bindingHash,
    })
    return rowCount === 1
  },

  // Kept for a day: they are counted.
  deleteExpired: (): Promise<number> =>
    deleteInBatches(db, "auth.sign_in_links", "expires_at < now() - interval '1 day'"),
})
