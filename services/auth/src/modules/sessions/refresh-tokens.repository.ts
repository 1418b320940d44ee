import { type Db, prepared } from "@gatepost/postgres"
import { type AccountRow, toAccount } from "../accounts/index.js"
import type { RefreshLookup } from "./sessions.types.js"

interface LookupRow extends AccountRow {
  session_id: string
  client_id: string
  authenticated_at: Date
  amr: string[]
  salt: Buffer
  usable: boolean
}

/** Times in seconds. */
export interface RotationTimes {
  retryWindowSeconds: number
  ttlSeconds: number
}

/** A token may be presented again while its successor was not used and the window is open (DESIGN.md D4). */
const RETRIABLE = `(t.consumed_at is null
  or (t.successor_used_at is null and t.consumed_at > now() - make_interval(secs => $2)))`

export const refreshTokensRepository = (db: Db) => ({
  /** Knows the token of a live session of an active account; `undefined` for all others. */
  async findPresented(tokenHash: Buffer, retryWindowSeconds: number): Promise<RefreshLookup | undefined> {
    const [row] = await prepared<LookupRow>(db, {
      name: "find-presented-refresh-token",
      text: `
        select s.id as session_id, s.client_id, s.authenticated_at, s.amr, s.salt, ${RETRIABLE} as usable,
               a.id, a.email, a.name, a.email_verified_at, a.disabled_at, a.created_at
        from auth.refresh_tokens t
        join auth.sessions s on s.id = t.session_id and s.revoked_at is null and s.expires_at > now()
        join auth.accounts a on a.id = s.account_id and a.disabled_at is null
        where t.token_hash = $1 and t.expires_at > now()`,
      values: [tokenHash, retryWindowSeconds],
    })
    if (!row) return undefined
    const { session_id: id, client_id: clientId, authenticated_at: authenticatedAt, amr, salt } = row
    const session = { id, clientId, authenticatedAt, amr, account: toAccount(row) }
    return row.usable ? { kind: "usable", session, salt } : { kind: "reused", session }
  },

  /**
   * Consumes a token and stores its successor, in one guarded statement: of many parallel uses each
   * waits for the row, and all end with the same successor. Using a successor closes its parent's
   * window. The successor never outlives the session.
   *
   * @returns whether the token could still be used
   */
  async rotate(tokenHash: Buffer, successorHash: Buffer, times: RotationTimes): Promise<boolean> {
    const rows = await prepared(db, {
      name: "rotate-refresh-token",
      text: `
        with presented as (
          update auth.refresh_tokens t set consumed_at = coalesce(t.consumed_at, now())
          from auth.sessions s
          where t.token_hash = $1 and t.expires_at > now() and ${RETRIABLE}
            and s.id = t.session_id and s.revoked_at is null and s.expires_at > now()
          returning t.session_id, t.parent_hash, s.expires_at as session_end
        ), parent as (
          update auth.refresh_tokens g set successor_used_at = now()
          from presented where g.token_hash = presented.parent_hash and g.successor_used_at is null
        ), successor as (
          insert into auth.refresh_tokens (token_hash, session_id, parent_hash, expires_at)
          select $3, session_id, $1, least(now() + make_interval(secs => $4), session_end) from presented
          on conflict (token_hash) do nothing
        )
        select 1 from presented`,
      values: [tokenHash, times.retryWindowSeconds, successorHash, times.ttlSeconds],
    })
    return rows.length === 1
  },

  async deleteExpired(): Promise<number> {
    const { rowCount } = await db.raw(
      "delete from auth.refresh_tokens where expires_at < now() - interval '1 day'",
    )
    return rowCount ?? 0
  },
})
