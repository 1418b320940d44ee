import { type Db, prepared } from "@gatepost/postgres"
import { type AccountRow, toAccount } from "../accounts/index.js"
import type { LiveSession, RevocationReason } from "./sessions.types.js"

export interface NewSession {
  id: string
  accountId: string
  clientId: string
  salt: Buffer
  amr: string[]
  userAgent: string | undefined
  ip: string
  refreshTokenHash: Buffer
  /** Seconds. */
  refreshTtlSeconds: number
  absoluteTtlSeconds: number
}

interface LiveSessionRow extends AccountRow {
  client_id: string
  authenticated_at: Date
  amr: string[]
}

export const sessionsRepository = (db: Db) => ({
  /** The session and its first refresh token. */
  async insertSession(session: NewSession): Promise<Date> {
    const [row] = await prepared<{ authenticated_at: Date }>(db, {
      name: "insert-session",
      text: `
        with session as (
          insert into auth.sessions (id, account_id, client_id, salt, amr, user_agent, ip, expires_at)
          values ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $10))
          returning id, expires_at, authenticated_at
        ), refresh_token as (
          insert into auth.refresh_tokens (token_hash, session_id, expires_at)
          select $8, id, least(now() + make_interval(secs => $9), expires_at) from session
        )
        select authenticated_at from session`,
      values: [
        session.id,
        session.accountId,
        session.clientId,
        session.salt,
        session.amr,
        session.userAgent,
        session.ip,
        session.refreshTokenHash,
        session.refreshTtlSeconds,
        session.absoluteTtlSeconds,
      ],
    })
    if (!row) throw new Error("the session was not stored")
    return row.authenticated_at
  },

  async findLive(id: string): Promise<LiveSession | undefined> {
    const [row] = await prepared<LiveSessionRow>(db, {
      name: "find-live-session",
      text: `
        select s.client_id, s.authenticated_at, s.amr,
               a.id, a.email, a.name, a.email_verified_at, a.disabled_at, a.created_at
        from auth.sessions s
        join auth.accounts a on a.id = s.account_id and a.disabled_at is null
        where s.id = $1 and s.revoked_at is null and s.expires_at > now()`,
      values: [id],
    })
    if (!row) return undefined
    const { client_id: clientId, authenticated_at: authenticatedAt, amr } = row
    return { id, clientId, authenticatedAt, amr, account: toAccount(row) }
  },

  /** @returns whether this call ended it */
  async updateRevoked(id: string, reason: RevocationReason): Promise<boolean> {
    const { rowCount } = await db.raw(
      "update auth.sessions set revoked_at = now(), revoked_because = ? where id = ? and revoked_at is null",
      [reason, id],
    )
    return rowCount === 1
  },

  /** @returns the ids of those that were still live */
  async updateAllRevoked(accountId: string, reason: RevocationReason): Promise<string[]> {
    const { rows } = await db.raw(
      `update auth.sessions set revoked_at = now(), revoked_because = ?
       where account_id = ? and revoked_at is null and expires_at > now() returning id`,
      [reason, accountId],
    )
    return rows.map((row: { id: string }) => row.id)
  },

  async deleteExpired(): Promise<number> {
    const { rowCount } = await db.raw(
      "delete from auth.sessions where expires_at < now() - interval '30 days'",
    )
    return rowCount ?? 0
  },
})
