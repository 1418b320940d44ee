import { type Db, deleteInBatches } from "@gatepost/postgres"

/** What a challenge is for, and where it began; for a sign-in nobody is known yet. */
export type Ceremony = { boundTo: string } & (
  | { purpose: "sign-in"; accountId?: undefined }
  | { purpose: "register" | "second-factor" | "step-up"; accountId: string }
)

export const passkeyChallengesRepository = (db: Db) => ({
  async insertChallenge(
    challenge: Buffer,
    { purpose, accountId, boundTo }: Ceremony,
    ttlSeconds: number,
  ): Promise<void> {
    await db.raw(
      `insert into auth.passkey_challenges (challenge, purpose, account_id, bound_to, expires_at)
       values (:challenge, :purpose, :accountId, :boundTo, now() + make_interval(secs => :ttlSeconds))`,
      { challenge, purpose, accountId: accountId ?? null, boundTo, ttlSeconds },
    )
  },

  /** The one use of a challenge, whatever comes of it. */
  async consumeChallenge(challenge: Buffer, { purpose, accountId, boundTo }: Ceremony): Promise<boolean> {
    const { rowCount } = await db.raw(
      `delete from auth.passkey_challenges
       where challenge = :challenge and purpose = :purpose and bound_to = :boundTo
         and account_id is not distinct from :accountId::uuid and expires_at > now()`,
      { challenge, purpose, accountId: accountId ?? null, boundTo },
    )
    return rowCount === 1
  },

  deleteExpired: (): Promise<number> => deleteInBatches(db, "auth.passkey_challenges", "expires_at < now()"),
})
