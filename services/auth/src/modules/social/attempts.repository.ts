import { type Db, deleteInBatches } from "@gatepost/postgres"

/** Who began it, and where it goes on: a browser in the middle of a sign-in, or an app's session that links. */
export type AttemptOwner =
  | { browserHash: Buffer; interactionUid: string }
  | { sessionId: string; redirectUri: string }

const TTL = "10 minutes"

export const attemptsRepository = (db: Db) => ({
  async insertAttempt(stateHash: Buffer, provider: string, owner: AttemptOwner): Promise<void> {
    await db.raw(
      `insert into auth.social_attempts
         (state_hash, provider, browser_hash, interaction_uid, session_id, redirect_uri, expires_at)
       values (:stateHash, :provider, :browserHash, :interactionUid, :sessionId, :redirectUri, now() + interval '${TTL}')`,
      {
        browserHash: null,
        interactionUid: null,
        sessionId: null,
        redirectUri: null,
        stateHash,
        provider,
        ...owner,
      },
    )
  },

  /** Where an open attempt goes on. */
  async findOpen(
    stateHash: Buffer,
    provider: string,
  ): Promise<{ interactionUid: string | undefined; redirectUri: string | undefined } | undefined> {
    const { rows } = await db.raw(
      `select interaction_uid, redirect_uri from auth.social_attempts
       where state_hash = ? and provider = ? and consumed_at is null and expires_at > now()`,
      [stateHash, provider],
    )
    const [row] = rows
    return (
      row && { interactionUid: row.interaction_uid ?? undefined, redirectUri: row.redirect_uri ?? undefined }
    )
  },

  /** The one use of a state, by whoever began (check 99). */
  async consumeAttempt(stateHash: Buffer, provider: string, owner: Partial<OwnerKeys>): Promise<boolean> {
    const { rowCount } = await db.raw(
      `update auth.social_attempts set consumed_at = now()
       where state_hash = :stateHash and provider = :provider and consumed_at is null and expires_at > now()
         and browser_hash is not distinct from :browserHash
         and interaction_uid is not distinct from :interactionUid
         and session_id is not distinct from :sessionId`,
      { browserHash: null, interactionUid: null, sessionId: null, stateHash, provider, ...owner },
    )
    return rowCount === 1
  },

  /** The one use of an ID token that an app brought, by its nonce. */
  async consumeNonce(nonceHash: Buffer, expiresAt: Date): Promise<boolean> {
    const { rowCount } = await db.raw(
      `insert into auth.used_id_tokens (nonce_hash, expires_at) values (?, ?::timestamptz + interval '5 minutes')
       on conflict do nothing`,
      [nonceHash, expiresAt],
    )
    return rowCount === 1
  },

  async deleteExpired(): Promise<void> {
    await deleteInBatches(db, "auth.social_attempts", "expires_at < now() - interval '1 hour'")
    await deleteInBatches(db, "auth.used_id_tokens", "expires_at < now()")
  },
})

interface OwnerKeys {
  browserHash: Buffer
  interactionUid: string
  sessionId: string
}
