import type { Db } from "@gatepost/postgres"

/** A browser as the provider knows it. Its id, the cookie's value, changes with each sign-in; its uid doesn't. */
export interface BrowserSession {
  id: string
  /** What it was until now, where this request changes it. */
  formerId: string | undefined
  uid: string
  /** JSON */
  payload: string
  ttlSeconds: number
}

// Longer than any request that may still want to store it.
const ENDED_KEPT = "1 hour"

/** Those of `auth.oidc_artifacts` whose model is Session: one row per uid, also after its end. */
export const browserSessionsRepository = (db: Db) => ({
  /** @returns whether it was stored: not where it has ended, or has another id by now */
  async upsertBrowserSession({ formerId, ...session }: BrowserSession): Promise<boolean> {
    const bindings = { ...session, formerId: formerId ?? session.id }
    const updated = await db.raw(
      `update auth.oidc_artifacts
       set id = :id, payload = :payload, expires_at = now() + make_interval(secs => :ttlSeconds)
       where model = 'Session' and uid = :uid and consumed_at is null and id in (:id, :formerId)`,
      bindings,
    )
    if (updated.rowCount === 1) return true
    // Not by `on conflict … do update`: it knows one of the two unique indexes, and fails at the other.
    const inserted = await db.raw(
      `insert into auth.oidc_artifacts (model, id, uid, payload, expires_at)
       values ('Session', :id, :uid, :payload, now() + make_interval(secs => :ttlSeconds))
       on conflict do nothing`,
      bindings,
    )
    return inserted.rowCount === 1
  },

  async findLive(column: "id" | "uid", value: string): Promise<Record<string, unknown> | undefined> {
    const { rows } = await db.raw(
      `select payload from auth.oidc_artifacts
       where model = 'Session' and ${column} = ? and consumed_at is null and expires_at > now()`,
      [value],
    )
    return rows[0]?.payload
  },

  /** Whether it has not ended, as one that was never stored; until the transaction ends it doesn't. */
  async lockUnlessEnded(uid: string): Promise<boolean> {
    const { rows } = await db.raw(
      "select consumed_at from auth.oidc_artifacts where model = 'Session' and uid = ? for share",
      [uid],
    )
    return !rows[0]?.consumed_at
  },

  /** Leaves nothing but the knowledge that it ended. */
  async updateEnded(uid: string): Promise<void> {
    await db.raw(
      `update auth.oidc_artifacts
       set consumed_at = now(), payload = '{}', expires_at = now() + interval '${ENDED_KEPT}'
       where model = 'Session' and uid = ?`,
      [uid],
    )
  },
})
