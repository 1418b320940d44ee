import type { Db } from "@gatepost/postgres"

export const adminInvitationsRepository = (db: Db) => ({
  /** The only one there is: earlier ones are worth nothing. */
  async replaceInvitation(invitation: {
    tokenHash: Buffer
    email: string
    ttlSeconds: number
  }): Promise<void> {
    await db.raw("delete from auth.admin_invitations where consumed_at is null")
    await db.raw(
      `insert into auth.admin_invitations (token_hash, email, expires_at)
       values (:tokenHash, :email, now() + make_interval(secs => :ttlSeconds))`,
      { ...invitation },
    )
  },

  /** Whom an invitation is for that would be taken now. */
  async findOpen(tokenHash: Buffer): Promise<string | undefined> {
    const { rows } = await db.raw(
      `select email from auth.admin_invitations
       where token_hash = ? and consumed_at is null and expires_at > now()`,
      [tokenHash],
    )
    return rows[0]?.email
  },

  /** The one use of an invitation. */
  async consumeInvitation(tokenHash: Buffer): Promise<boolean> {
    const { rowCount } = await db.raw(
      `update auth.admin_invitations set consumed_at = now()
       where token_hash = ? and consumed_at is null and expires_at > now()`,
      [tokenHash],
    )
    return rowCount === 1
  },

  /** One after the other, to the end of the transaction. */
  async lockInvitations(): Promise<void> {
    await db.raw("select pg_advisory_xact_lock(hashtext('gatepost admin invitations'))")
  },
})
