import { type Db, prepared } from "@gatepost/postgres"
import type { Revocation } from "./revocations.types.js"

/** Told when a session's end is committed; the triggers of migration 0011 have the same name. */
export const CHANNEL = "session_revoked"

interface RevocationRow {
  // A bigint, which the driver gives as text.
  seq: string
  session_id: string
  revoked_at: Date
  expires_at: Date
}

export const revocationsRepository = (db: Db) => ({
  /** Gives a place in the feed to everything that was committed before this call. */
  async updateUnpublished(): Promise<void> {
    // A few thousand at a time: all sessions may have ended at once.
    for (let isMore = true; isMore; ) {
      const rows = await prepared<{ is_more: boolean }>(db, {
        name: "publish-next-revocations",
        text: "select auth.publish_next_revocations() as is_more",
        values: [],
      })
      isMore = rows[0]?.is_more ?? false
    }
  },

  /** The first of those that come after a place, without those whose tokens are dead by now. */
  async listPublished(after: number, limit: number): Promise<Revocation[]> {
    const rows = await prepared<RevocationRow>(db, {
      name: "list-published-revocations",
      text: `select seq, session_id, revoked_at, expires_at from auth.revocations
        where seq > $1 and expires_at > now() order by seq limit $2`,
      values: [after, limit],
    })
    return rows.map((row) => ({
      seq: Number(row.seq),
      sessionId: row.session_id,
      revokedAt: row.revoked_at,
      expiresAt: row.expires_at,
    }))
  },

  async deleteExpired(): Promise<number> {
    let total = 0
    for (;;) {
      const { rows } = await db.raw("select auth.delete_expired_revocations() as deleted")
      if (rows[0].deleted === 0) return total
      total += rows[0].deleted
    }
  },
})
