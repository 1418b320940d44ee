import { type Db, prepared } from "@gatepost/postgres"
import { LIVE_SESSION_COLUMNS, type LiveSessionRow, toLiveSession } from "./live-session.js"
import type { LiveSession, RevocationReason } from "./sessions.types.js"

export interface NewSession {
  id: string
  accountId: string
  clientId: string
  salt: Buffer
  amr: string[]
  userAgent: string | undefined
  ip: string
  scopes: readonly string[]
  absoluteTtlSeconds: number
}

/** A session with its first refresh token. Seconds. */
export interface NewSessionWithToken extends NewSession {
  refreshTokenHash: Buffer
  refreshTtlSeconds: number
}

/** A session as its owner sees it. */
export interface ListedSession {
  id: string
  clientId: string
  userAgent: string | undefined
  ip: string | undefined
  createdAt: Date
  lastUsedAt: Date
}

// A person with more sessions than this sees the latest of them.
const LIST_LIMIT = 100

export const sessionsRepository = (db: Db) => ({
  async insertSessionWithToken(
    session: NewSessionWithToken,
  ): Promise<{ authenticatedAt: Date; expiresAt: Date }> {
    const [row] = await prepared<{ authenticated_at: Date; expires_at: Date }>(db, {
      name: "insert-session-with-token",
      text: `
        with session as (
          insert into auth.sessions (id, account_id, client_id, salt, amr, user_agent, ip, scopes, expires_at)
          values ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9))
          returning id, expires_at, authenticated_at
        ), refresh_token as (
          insert into auth.refresh_tokens (token_hash, session_id, expires_at)
          select $10, id, least(now() + make_interval(secs => $11), expires_at) from session
        )
        select authenticated_at, expires_at from session`,
      values: [...valuesOf(session), session.refreshTokenHash, session.refreshTtlSeconds],
    })
    if (!row) throw new Error("the session was not stored")
    return { authenticatedAt: row.authenticated_at, expiresAt: row.expires_at }
  },

  /** The session behind a grant of the OpenID Provider; a grant that is saved again changes what it allows. */
  async upsertGrant(session: NewSession, grant: Record<string, unknown>): Promise<boolean> {
    const rows = await prepared<{ inserted: boolean }>(db, {
      name: "upsert-grant",
      text: `
        insert into auth.sessions as s
          (id, account_id, client_id, salt, amr, user_agent, ip, scopes, expires_at, oidc_grant)
        values ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9), $10)
        on conflict (id) do update set oidc_grant = excluded.oidc_grant, scopes = excluded.scopes
          where s.account_id = excluded.account_id and s.client_id = excluded.client_id
        returning xmax = 0 as inserted`,
      values: [...valuesOf(session), JSON.stringify(grant)],
    })
    return rows[0]?.inserted ?? false
  },

  async findLive(id: string): Promise<LiveSession | undefined> {
    const [row] = await prepared<LiveSessionRow>(db, {
      name: "find-live-session",
      text: `
        select ${LIVE_SESSION_COLUMNS}
        from auth.sessions s
        join auth.accounts a on a.id = s.account_id and a.disabled_at is null
        where s.id = $1 and s.revoked_at is null and s.expires_at > now()`,
      values: [id],
    })
    return row && toLiveSession(row)
  },

  /** The live sessions of an account, the last used first. */
  async listLive(accountId: string): Promise<ListedSession[]> {
    const { rows } = await db.raw(
      `select s.id, s.client_id, s.user_agent, host(s.ip) as ip, s.created_at,
              coalesce(used.at, s.created_at) as last_used_at
       from auth.sessions s
       left join lateral (
         select max(t.created_at) as at from auth.refresh_tokens t where t.session_id = s.id
       ) used on true
       where s.account_id = ? and s.revoked_at is null and s.expires_at > now()
       order by last_used_at desc, s.id limit ${LIST_LIMIT}`,
      [accountId],
    )
    return rows.map((row: Record<string, unknown>) => ({
      id: row.id,
      clientId: row.client_id,
      userAgent: row.user_agent ?? undefined,
      ip: row.ip ?? undefined,
      createdAt: row.created_at,
      lastUsedAt: row.last_used_at,
    })) as ListedSession[]
  },

  /** @returns the account whose session this call ended */
  async updateRevoked(
    id: string,
    reason: RevocationReason,
  ): Promise<{ accountId: string; clientId: string } | undefined> {
    const { rows } = await db.raw(
      `update auth.sessions set revoked_at = now(), revoked_because = ?
       where id = ? and revoked_at is null returning account_id as "accountId", client_id as "clientId"`,
      [reason, id],
    )
    return rows[0]
  },

  /** @returns the ids of those that were still live */
  async updateAllRevoked(accountId: string, reason: RevocationReason, keep?: string): Promise<string[]> {
    const { rows } = await db.raw(
      `update auth.sessions set revoked_at = now(), revoked_because = :reason
       where account_id = :accountId and revoked_at is null and expires_at > now()
         and (:keep::uuid is null or id <> :keep)
       returning id`,
      { reason, accountId, keep: keep ?? null },
    )
    return rows.map((row: { id: string }) => row.id)
  },

  /**
   * Of sessions that live on: their person signed out where they began.
   *
   * @returns those of which that was not known
   */
  async updateSignedOut(
    ids: readonly string[],
  ): Promise<{ sessionId: string; accountId: string; clientId: string }[]> {
    const { rows } = await db.raw(
      `update auth.sessions set signed_out_at = now()
       where id = any(:ids::uuid[]) and revoked_at is null and signed_out_at is null and expires_at > now()
       returning id as "sessionId", account_id as "accountId", client_id as "clientId"`,
      { ids },
    )
    return rows
  },

  async deleteExpired(): Promise<number> {
    const { rowCount } = await db.raw(
      "delete from auth.sessions where expires_at < now() - interval '30 days'",
    )
    return rowCount ?? 0
  },
})

const valuesOf = (session: NewSession) => [
  session.id,
  session.accountId,
  session.clientId,
  session.salt,
  session.amr,
  session.userAgent,
  session.ip,
  session.scopes,
  session.absoluteTtlSeconds,
]
