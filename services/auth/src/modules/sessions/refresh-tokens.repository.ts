import { type Db, deleteInBatches, prepared } from "@gatepost/postgres"
import { LIVE_SESSION_COLUMNS, type LiveSessionRow, toLiveSession } from "./live-session.js"
import type { RefreshLookup } from "./sessions.types.js"

interface LookupRow extends LiveSessionRow {
  salt: Buffer
  token_created_at: Date
  token_expires_at: Date
  oidc_payload: Record<string, unknown> | null
  usable: boolean
  seconds_to_wait: number | null
}

/** Times in seconds. */
export interface RotationTimes {
  retryWindowSeconds: number
  ttlSeconds: number
}

export interface NewRefreshToken {
  tokenHash: Buffer
  sessionId: string
  ttlSeconds: number
  oidcPayload: Record<string, unknown>
}

/** A token may be presented again while its successor was not used and the window is open (DESIGN.md D4). */
const RETRIABLE = `(t.consumed_at is null
  or (t.successor_used_at is null and t.consumed_at > now() - make_interval(secs => $2)))`

/** The rows are the count: of a token that is used for the first time, how long its session has to wait. A retry makes no row. */
const SECONDS_TO_WAIT = `case when t.consumed_at is null then (
    select case when count(*) >= $3::integer
      then greatest(1, ceil(60 - extract(epoch from now() - min(r.created_at))))::integer end
    from auth.refresh_tokens r
    where r.session_id = s.id and r.parent_hash is not null and r.created_at > now() - interval '1 minute'
  ) end`

export const refreshTokensRepository = (db: Db) => ({
  /**
   * Knows the token of a live session of an active account; `undefined` for all others.
   *
   * @param maxPerMinute how often a session may be refreshed; as often as it likes without
   */
  async findPresented(
    tokenHash: Buffer,
    retryWindowSeconds: number,
    maxPerMinute?: number,
  ): Promise<RefreshLookup | undefined> {
    const [row] = await prepared<LookupRow>(db, {
      name: `find-presented-refresh-token${maxPerMinute ? "-in-pace" : ""}`,
      text: `
        select ${LIVE_SESSION_COLUMNS}, s.salt, t.oidc_payload, t.created_at as token_created_at,
               t.expires_at as token_expires_at, ${RETRIABLE} as usable,
               ${maxPerMinute ? SECONDS_TO_WAIT : "null"} as seconds_to_wait
        from auth.refresh_tokens t
        join auth.sessions s on s.id = t.session_id and s.revoked_at is null and s.expires_at > now()
        join auth.accounts a on a.id = s.account_id and a.disabled_at is null
        where t.token_hash = $1 and t.expires_at > now()`,
      values: [tokenHash, retryWindowSeconds, ...(maxPerMinute ? [maxPerMinute] : [])],
    })
    return (
      row && {
        kind: row.usable ? "usable" : "reused",
        session: toLiveSession(row),
        salt: row.salt,
        issuedAt: row.token_created_at,
        expiresAt: row.token_expires_at,
        oidcPayload: row.oidc_payload ?? undefined,
        secondsToWait: row.seconds_to_wait ?? undefined,
      }
    )
  },

  /**
   * A token that starts a chain of its own within a session.
   *
   * @returns whether the session was still there for it
   */
  async insertRefreshToken(token: NewRefreshToken): Promise<boolean> {
    const { rowCount } = await db.raw(
      `insert into auth.refresh_tokens (token_hash, session_id, oidc_payload, expires_at)
       select :tokenHash, id, :oidcPayload, least(now() + make_interval(secs => :ttlSeconds), expires_at)
       from auth.sessions where id = :sessionId and revoked_at is null`,
      { ...token, oidcPayload: JSON.stringify(token.oidcPayload) },
    )
    return rowCount === 1
  },

  /**
   * Consumes a token and stores its successor, in one guarded statement: of many parallel uses each
   * waits for the row, and all end with the same successor. Using a successor closes its parent's
   * window. The successor never outlives the session. A retry does not touch it: while it is being used
   * itself, each of the two would wait for the other.
   *
   * @returns whether the token could still be used
   */
  async rotate(
    tokenHash: Buffer,
    successor: { tokenHash: Buffer; ip: string },
    times: RotationTimes,
  ): Promise<boolean> {
    const rows = await prepared(db, {
      name: "rotate-refresh-token",
      text: `
        with presented as (
          update auth.refresh_tokens t set consumed_at = coalesce(t.consumed_at, now())
          from auth.sessions s
          where t.token_hash = $1 and t.expires_at > now() and ${RETRIABLE}
            and s.id = t.session_id and s.revoked_at is null and s.expires_at > now()
          returning t.session_id, t.parent_hash, t.oidc_payload, s.expires_at as session_end,
                    t.consumed_at = now() as is_first
        ), parent as (
          update auth.refresh_tokens g set successor_used_at = now()
          from presented where g.token_hash = presented.parent_hash and g.successor_used_at is null
        ), successor as (
          insert into auth.refresh_tokens (token_hash, session_id, parent_hash, oidc_payload, ip, expires_at)
          select $3, session_id, $1, oidc_payload, $5, least(now() + make_interval(secs => $4), session_end)
          from presented where is_first
          on conflict (token_hash) do nothing
        )
        select 1 from presented`,
      values: [tokenHash, times.retryWindowSeconds, successor.tokenHash, times.ttlSeconds, successor.ip],
    })
    return rows.length === 1
  },

  /** A refresh under way has its token, and its successor is seen only by the next statement. */
  async deleteOfAccount(accountId: string): Promise<number> {
    const { rowCount } = await db.raw(
      `delete from auth.refresh_tokens where token_hash in (
         select t.token_hash from auth.refresh_tokens t join auth.sessions s on s.id = t.session_id
         where s.account_id = ? order by t.token_hash for update of t)`,
      [accountId],
    )
    return rowCount ?? 0
  },

  deleteExpired: (): Promise<number> =>
    deleteInBatches(db, "auth.refresh_tokens", "expires_at < now() - interval '1 day'"),
})
