import { type Db, deleteInBatches } from "@gatepost/postgres"

export interface NewEmailChange {
  id: string
  accountId: string
  oldEmail: string
  oldEmailVerified: boolean
  newEmail: string
  tokenHash: Buffer
  ttlSeconds: number
}

export interface EmailChange {
  id: string
  accountId: string
  oldEmail: string
  oldEmailVerified: boolean
  newEmail: string
  createdAt: Date
}

const COLUMNS = `id, account_id as "accountId", old_email as "oldEmail", old_email_verified as "oldEmailVerified",
  new_email as "newEmail", created_at as "createdAt"`

export const emailChangesRepository = (db: Db) => ({
  /** Stores a change that waits for its proof; one that waited before waits no more. */
  async insertChange(change: NewEmailChange): Promise<void> {
    await db.raw(
      "update auth.email_changes set consumed_at = now() where account_id = ? and consumed_at is null",
      [change.accountId],
    )
    await db.raw(
      `insert into auth.email_changes
         (id, account_id, old_email, old_email_verified, new_email, token_hash, expires_at)
       values (:id, :accountId, :oldEmail, :oldEmailVerified, :newEmail, :tokenHash,
         now() + make_interval(secs => :ttlSeconds))`,
      { ...change },
    )
  },

  /** How many were asked for lately: in the last minute, hour and day. */
  async findRecentCounts(accountId: string): Promise<{ minute: number; hour: number; day: number }> {
    const { rows } = await db.raw(
      `select count(*) filter (where created_at > now() - interval '1 minute')::int as minute,
              count(*) filter (where created_at > now() - interval '1 hour')::int as hour, count(*)::int as day
       from auth.email_changes where account_id = ? and created_at > now() - interval '1 day'`,
      [accountId],
    )
    return rows[0]
  },

  async findByToken(tokenHash: Buffer): Promise<EmailChange | undefined> {
    const { rows } = await db.raw(`select ${COLUMNS} from auth.email_changes where token_hash = ?`, [
      tokenHash,
    ])
    return rows[0]
  },

  async findOpen(accountId: string): Promise<EmailChange | undefined> {
    const { rows } = await db.raw(
      `select ${COLUMNS} from auth.email_changes
       where account_id = ? and consumed_at is null and expires_at > now()`,
      [accountId],
    )
    return rows[0]
  },

  /** The one confirmation of a change. */
  async consumeChange(id: string): Promise<boolean> {
    const { rowCount } = await db.raw(
      `update auth.email_changes set consumed_at = now()
       where id = ? and consumed_at is null and expires_at > now()`,
      [id],
    )
    return rowCount === 1
  },

  async updateUndo(id: string, undo: { hash: Buffer; ttlSeconds: number }): Promise<void> {
    await db.raw(
      `update auth.email_changes
       set undo_hash = :hash, undo_expires_at = now() + make_interval(secs => :ttlSeconds) where id = :id`,
      { id, ...undo },
    )
  },

  async findByUndo(hash: Buffer): Promise<EmailChange | undefined> {
    const { rows } = await db.raw(`select ${COLUMNS} from auth.email_changes where undo_hash = ?`, [hash])
    return rows[0]
  },

  /** The one use of an undo link. */
  async consumeUndo(id: string): Promise<boolean> {
    const { rowCount } = await db.raw(
      `update auth.email_changes set undone_at = now()
       where id = ? and undone_at is null and undo_expires_at > now()`,
      [id],
    )
    return rowCount === 1
  },

  /** Nothing of what waits can be confirmed any more, and no later change undone. */
  async updateAllClosed(accountId: string): Promise<void> {
    await db.raw(
      `update auth.email_changes
       set consumed_at = coalesce(consumed_at, now()), undone_at = coalesce(undone_at, now())
       where account_id = ?`,
      [accountId],
    )
  },

  deleteExpired: (): Promise<number> =>
    deleteInBatches(
      db,
      "auth.email_changes",
      "greatest(expires_at, coalesce(undo_expires_at, expires_at)) < now() - interval '1 day'",
    ),
})
