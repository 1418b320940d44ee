import { type Db, deleteInBatches } from "@gatepost/postgres"

export interface NewChallenge {
  tokenHash: Buffer
  accountId: string
  /** Where the sign-in began; it goes on there alone. */
  boundTo: string
  amr: string[]
  ttlSeconds: number
}

export interface OpenChallenge {
  accountId: string
  amr: string[]
  /** Seconds since 1970. */
  provedAt: number
}

const MAX_TRIES = 5
// Whoever knows the password can begin as many sign-ins as they like.
const MAX_OPEN = 5

const OPEN = `token_hash = :tokenHash and bound_to = :boundTo and tries < ${MAX_TRIES}
  and consumed_at is null and expires_at > now()`
const COLUMNS = `account_id as "accountId", amr, extract(epoch from proved_at)::float8 as "provedAt"`

export const signInChallengesRepository = (db: Db) => ({
  /** The first factor was proved just now, in this transaction. */
  async insertChallenge(challenge: NewChallenge): Promise<void> {
    await db.raw(
      `delete from auth.sign_in_challenges where account_id = :accountId and token_hash not in (
         select token_hash from auth.sign_in_challenges where account_id = :accountId
         order by created_at desc limit ${MAX_OPEN - 1})`,
      { accountId: challenge.accountId },
    )
    await db.raw(
      `insert into auth.sign_in_challenges (token_hash, account_id, bound_to, amr, proved_at, expires_at)
       values (:tokenHash, :accountId, :boundTo, :amr, clock_timestamp(), now() + make_interval(secs => :ttlSeconds))`,
      { ...challenge },
    )
  },

  async findOpen(tokenHash: Buffer, boundTo: string): Promise<OpenChallenge | undefined> {
    const { rows } = await db.raw(`select ${COLUMNS} from auth.sign_in_challenges where ${OPEN}`, {
      tokenHash,
      boundTo,
    })
    return rows[0]
  },

  /** Counts a try before anything is compared; until the transaction ends the next one waits. */
  async updateTried(tokenHash: Buffer, boundTo: string): Promise<OpenChallenge | undefined> {
    const { rows } = await db.raw(
      `update auth.sign_in_challenges set tries = tries + 1 where ${OPEN} returning ${COLUMNS}`,
      { tokenHash, boundTo },
    )
    return rows[0]
  },

  /** The one use of a challenge; @returns when, in seconds since 1970 */
  async consumeChallenge(tokenHash: Buffer): Promise<number | undefined> {
    const { rows } = await db.raw(
      `update auth.sign_in_challenges set consumed_at = now() where token_hash = ? and consumed_at is null
       returning extract(epoch from clock_timestamp())::float8 as at`,
      [tokenHash],
    )
    return rows[0]?.at
  },

  deleteExpired: (): Promise<number> => deleteInBatches(db, "auth.sign_in_challenges", "expires_at < now()"),
})
