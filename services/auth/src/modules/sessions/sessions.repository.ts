import { type Db, deleteInBatches, prepared } from "@gatepost/postgres"
import { roleGrantsOf } from "../role-grants/index.js"
import { LIVE_SESSION_COLUMNS, type LiveSessionRow, toLiveSession } from "./live-session.js"
import type { LiveSession, RevocationReason } from "./sessions.types.js"

export interface NewSession {
  id: string
  accountId: string
  clientId: string
  salt: Buffer
  amr: string[]
  deviceName?: string | undefined
  userAgent: string | undefined
  ip: string
  scopes: readonly string[]
  absoluteTtlSeconds: number
}

/** A session that came by the OpenID Provider. */
export interface NewGrant extends NewSession {
  /** Seconds since 1970: the browser may have been signed in long before. */
  authenticatedAt: number
  /** A device's has none. */
  browserUid: string | undefined
}

/** A session with its first refresh token. Seconds. */
export interface NewSessionWithToken extends NewSession {
  /** Now, if unset. */
  authenticatedAt?: Date | undefined
  refreshTokenHash: Buffer
  refreshTtlSeconds: number
}

/** A session as its owner sees it. */
export interface ListedSession {
  id: string
  clientId: string
  deviceName: string | undefined
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
  ): Promise<{ authenticatedAt: Date; expiresAt: Date; roleGrants: string[] }> {
    const [row] = await prepared<{ authenticated_at: Date; expires_at: Date; role_grants: string[] }>(db, {
      name: "insert-session-with-token",
      text: `
        with session as (
          insert into auth.sessions (id, account_id, client_id, salt, amr, device_name, user_agent, ip, scopes, expires_at,
            authenticated_at)
          values ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + make_interval(secs => $10), coalesce($13, now()))
          returning id, expires_at, authenticated_at
        ), refresh_token as (
          insert into auth.refresh_tokens (token_hash, session_id, expires_at)
          select $11, id, least(now() + make_interval(secs => $12), expires_at) from session
        )
        select authenticated_at, expires_at, ${roleGrantsOf("$2", "$3")} as role_grants from session`,
      values: [
        ...valuesOf(session),
        session.refreshTokenHash,
        session.refreshTtlSeconds,
        session.authenticatedAt ?? null,
      ],
    })
    if (!row) throw new Error("the session was not stored")
    return { authenticatedAt: row.authenticated_at, expiresAt: row.expires_at, roleGrants: row.role_grants }
  },

  /** The session behind a grant of the OpenID Provider; a grant that is saved again changes what it allows. */
  async upsertGrant(session: NewGrant, grant: Record<string, unknown>): Promise<boolean> {
    const rows = await prepared<{ inserted: boolean }>(db, {
      name: "upsert-grant",
      text: `
        insert into auth.sessions as s
          (id, account_id, client_id, salt, amr, device_name, user_agent, ip, scopes, expires_at,
           oidc_grant, authenticated_at, browser_uid)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + make_interval(secs => $10),
                $11, to_timestamp($12), $13)
        on conflict (id) do update set oidc_grant = excluded.oidc_grant, scopes = excluded.scopes
          where s.account_id = excluded.account_id and s.client_id = excluded.client_id
        returning xmax = 0 as inserted`,
      values: [...valuesOf(session), JSON.stringify(grant), session.authenticatedAt, session.browserUid],
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

  /**
   * The live sessions of an account, the last used first, without those that were idle for too long. One of
   * the OpenID Provider's may have no refresh token, and lives in its browser.
   */
  async listLive(accountId: string): Promise<ListedSession[]> {
    const { rows } = await db.raw(
      `select s.id, s.client_id, s.device_name, s.user_agent, host(coalesce(last.ip, s.ip)) as ip, s.created_at,
              coalesce(last.created_at, s.created_at) as last_used_at
       from auth.sessions s
       left join lateral (
         select t.created_at, t.expires_at, t.ip from auth.refresh_tokens t
         where t.session_id = s.id order by t.created_at desc limit 1
       ) last on true
       where s.account_id = ? and s.revoked_at is null and s.expires_at > now()
         and (last.expires_at > now() or s.oidc_grant is not null)
       order by last_used_at desc, s.id limit ${LIST_LIMIT}`,
      [accountId],
    )
    return rows.map((row: Record<string, unknown>) => ({
      id: row.id,
      clientId: row.client_id,
      deviceName: row.device_name ?? undefined,
      userAgent: row.user_agent ?? undefined,
      ip: row.ip ?? undefined,
      createdAt: row.created_at,
      lastUsedAt: row.last_used_at,
    })) as ListedSession[]
  },

  /** Where the newest token of a session was asked for. */
  async findLastIp(id: string): Promise<string | undefined> {
    const { rows } = await db.raw(
      `select host(coalesce(t.ip, s.ip)) as ip
       from auth.sessions s join auth.refresh_tokens t on t.session_id = s.id
       where s.id = ? order by t.created_at desc limit 1`,
      [id],
    )
    return rows[0]?.ip ?? undefined
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

  /** @returns those that were still live */
  async updateAllRevoked(
    accountId: string,
    reason: RevocationReason,
    { keep, clientId }: { keep?: string | undefined; clientId?: string | undefined },
  ): Promise<{ sessionId: string; clientId: string }[]> {
    const { rows } = await db.raw(
      `update auth.sessions set revoked_at = now(), revoked_because = :reason
       where account_id = :accountId and revoked_at is null and expires_at > now()
         and (:keep::uuid is null or id <> :keep) and (:clientId::text is null or client_id = :clientId)
       returning id as "sessionId", client_id as "clientId"`,
      { reason, accountId, keep: keep ?? null, clientId: clientId ?? null },
    )
    return rows
  },

  /**
   * Of a session that lives on: its person signed out where it began.
   *
   * @returns the account, if that was not known
   */
  async updateSignedOut(id: string): Promise<{ accountId: string; clientId: string } | undefined> {
    const { rows } = await db.raw(
      `update auth.sessions set signed_out_at = now()
       where id = ? and revoked_at is null and signed_out_at is null and expires_at > now()
       returning account_id as "accountId", client_id as "clientId"`,
      [id],
    )
    return rows[0]
  },

  deleteExpired: (): Promise<number> =>
    deleteInBatches(db, "auth.sessions", "expires_at < now() - interval '30 days'"),
})

const valuesOf = (session: NewSession) => [
  session.id,
  session.accountId,
  session.clientId,
  session.salt,
  session.amr,
  session.deviceName,
  session.userAgent,
  session.ip,
  session.scopes,
  session.absoluteTtlSeconds,
]
