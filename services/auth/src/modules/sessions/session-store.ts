import { randomBytes } from "node:crypto"
import { tooMany } from "@gatepost/http"
import type { Outbox } from "@gatepost/mail-queue"
import type { Database, Db } from "@gatepost/postgres"
import { sha256 } from "@gatepost/runtime"
import type { Apps } from "../apps/index.js"
import { type AuditEvent, type AuditSource, insertAuditEvent } from "../audit/index.js"
import { browsersRepository } from "./browsers.repository.js"
import { refreshTokensRepository } from "./refresh-tokens.repository.js"
import { type NewGrant, type NewSession, sessionsRepository } from "./sessions.repository.js"
import type { LiveSession, PresentedToken, RefreshLookup, RevocationReason } from "./sessions.types.js"
import { deriveSuccessor } from "./successor.js"

export interface SessionsOptions {
  refreshTokenSecret: string
  refreshTtlSeconds: number
  absoluteTtlSeconds: number
  retryWindowSeconds: number
  /** Whether a session may be refreshed only so often (SECURITY.md section 2). */
  isLimited: boolean
}

export type SessionStore = ReturnType<typeof createSessionStore>

const NOTICE_TTL_SECONDS = 86_400
const REFRESHES_PER_MINUTE = 10

/** What both doors, JSON and OpenID Connect, do with sessions and refresh tokens (DESIGN.md D4). */
export function createSessionStore(deps: {
  database: Database
  apps: Apps
  outbox: Outbox
  options: SessionsOptions
}) {
  const { database, apps, outbox, options } = deps
  const { refreshTtlSeconds: ttlSeconds, absoluteTtlSeconds, retryWindowSeconds } = options

  return {
    findPresented,
    successorOf,

    /**
     * Exchanges a token, as it was found, for its one successor. A token that comes again after its successor was
     * used ends the session.
     *
     * @returns whether it could still be used; its successor is stored then
     * @throws Problem `request.too-many`, for a session that was refreshed too often; the token stays good
     */
    async exchange(refreshToken: string, found: RefreshLookup, source: AuditSource): Promise<boolean> {
      if (found.kind === "usable") {
        if (found.secondsToWait !== undefined) throw tooMany(found.secondsToWait)
        if (await rotate(refreshToken, found, source)) return true
        // Between the look and the statement: the session ended, or the successor was used.
        const again = await findPresented(refreshToken)
        if (again?.kind !== "reused") return false
      }
      await endStolen(found.session, source)
      return false
    },

    findLive: (sessionId: string): Promise<LiveSession | undefined> =>
      sessionsRepository(database.db).findLive(sessionId),

    /** A session with its first refresh token, in the caller's transaction. */
    insertWithToken: (
      trx: Db,
      session: Omit<NewSession, "salt" | "absoluteTtlSeconds"> & { authenticatedAt?: Date | undefined },
      refreshToken: string,
    ) =>
      sessionsRepository(trx).insertSessionWithToken({
        ...session,
        salt: randomBytes(32),
        absoluteTtlSeconds,
        refreshTokenHash: sha256(refreshToken),
        refreshTtlSeconds: ttlSeconds,
      }),

    /** The session behind a grant of the OpenID Provider, in the caller's transaction. */
    async saveGrant(
      trx: Db,
      session: Omit<NewGrant, "salt" | "absoluteTtlSeconds" | "ip" | "userAgent">,
      grant: Record<string, unknown>,
      source: AuditSource,
    ): Promise<void> {
      const { id, accountId, clientId } = session
      const { ip, userAgent } = source
      const salt = randomBytes(32)
      const isNew = await sessionsRepository(trx).upsertGrant(
        { ...session, ip, userAgent, salt, absoluteTtlSeconds },
        grant,
      )
      if (!isNew) return
      const event = { event: "session.started", outcome: "success", sessionId: id } as const
      await insertAuditEvent(trx, { ...event, accountId, clientId }, source)
    },

    /** A refresh token of the OpenID Provider, the first of its chain; @returns whether its session is live */
    insertToken: (
      refreshToken: string,
      sessionId: string,
      oidcPayload: Record<string, unknown>,
    ): Promise<boolean> =>
      refreshTokensRepository(database.db).insertRefreshToken({
        tokenHash: sha256(refreshToken),
        sessionId,
        ttlSeconds,
        oidcPayload,
      }),

    /** Ends one session; its tokens are refused from the commit on. */
    async end(sessionId: string, reason: RevocationReason, source: AuditSource): Promise<void> {
      await database.transaction((trx) => endOne(trx, sessionId, reason, source))
    },

    /** The same in the caller's transaction; @returns whether it was live. */
    endIn: endOne,

    /** Ends the sessions of an account in the caller's transaction: all, all but one, or those with one client. */
    async endAll(
      trx: Db,
      accountId: string,
      reason: RevocationReason,
      source: Partial<AuditSource>,
      keep?: string,
      clientId?: string,
    ) {
      const which = { keep, clientId }
      for (const ended of await sessionsRepository(trx).updateAllRevoked(accountId, reason, which)) {
        await insertAuditEvent(trx, endedEvent({ accountId, ...ended }, reason), source)
      }
    },

    /** Deletes the refresh tokens of a locked account, also those that are made meanwhile. */
    async deleteTokens(trx: Db, accountId: string): Promise<void> {
      while ((await refreshTokensRepository(trx).deleteOfAccount(accountId)) > 0);
    },

    /** What began in a browser, of each client the latest, whether or not it lives. */
    async listOfBrowser(browserUid: string) {
      const sessions = await browsersRepository(database.db).listBegun(browserUid)
      return sessions.map((session) => ({ ...session, outlivesBrowser: outlivesBrowser(session) }))
    },

    /**
     * A person signs out of a browser, or of one client there, in the caller's transaction. Sessions live on
     * for what they were granted while their person is away.
     */
    async signOutOf(
      trx: Db,
      what: "browser" | { clientId: string },
      browserUid: string,
      source: AuditSource,
    ): Promise<void> {
      const clientId = what === "browser" ? undefined : what.clientId
      for (const session of await browsersRepository(trx).listLive(browserUid, clientId)) {
        if (outlivesBrowser(session)) await leave(trx, session.id, source)
        else await endOne(trx, session.id, "oidc", source)
      }
      if (clientId !== undefined) await browsersRepository(trx).updateForgotten(browserUid, clientId)
    },

    listLive: (accountId: string) => sessionsRepository(database.db).listLive(accountId),

    /** Deletes what is long over. */
    async sweep(): Promise<void> {
      await refreshTokensRepository(database.db).deleteExpired()
      await sessionsRepository(database.db).deleteExpired()
    },
  }

  /** Knows a refresh token of a live session; `undefined` for all others. */
  function findPresented(refreshToken: string): Promise<RefreshLookup | undefined> {
    const maxPerMinute = options.isLimited ? REFRESHES_PER_MINUTE : undefined
    return refreshTokensRepository(database.db).findPresented(
      sha256(refreshToken),
      retryWindowSeconds,
      maxPerMinute,
    )
  }

  /** The one successor a token has, whether or not it was asked for before. */
  function successorOf(refreshToken: string, { salt }: PresentedToken): string {
    return deriveSuccessor(refreshToken, salt, options.refreshTokenSecret)
  }

  function rotate(refreshToken: string, found: PresentedToken, { ip }: AuditSource): Promise<boolean> {
    const tokenHash = sha256(successorOf(refreshToken, found))
    const times = { retryWindowSeconds, ttlSeconds }
    return refreshTokensRepository(database.db).rotate(sha256(refreshToken), { tokenHash, ip }, times)
  }

  /** RFC 9700 section 4.14.2: nobody can tell the owner from the thief, so the session ends for both. */
  async function endStolen({ id, clientId, account }: LiveSession, source: AuditSource): Promise<void> {
    await database.transaction(async (trx) => {
      const ended = await sessionsRepository(trx).updateRevoked(id, "refresh-reused")
      if (!ended) return
      const lastIp = await sessionsRepository(trx).findLastIp(id)
      const event = {
        event: "session.refresh-reused",
        outcome: "failure",
        accountId: account.id,
        sessionId: id,
        clientId,
        // One of the two uses was the owner's: this is from where the other one came.
        ...(lastIp && { detail: { last_used_from: lastIp } }),
      } as const
      await insertAuditEvent(trx, event, source)
      await outbox.enqueue(trx, {
        kind: "session-revoked",
        recipient: account.email,
        // Not the request's language: it may be the thief's.
        locale: account.locale,
        payload: { ...apps.mailHeader(clientId, account), revoked_at: new Date().toISOString() },
        expiresInSeconds: NOTICE_TTL_SECONDS,
      })
    })
  }

  /** Whoever signs out of a browser signs out of our own apps, whatever these asked for. */
  function outlivesBrowser({ clientId, scopes }: { clientId: string; scopes: string[] }): boolean {
    return !apps.find(clientId)?.first_party && scopes.includes("offline_access")
  }

  async function endOne(
    trx: Db,
    sessionId: string,
    reason: RevocationReason,
    source: AuditSource,
  ): Promise<boolean> {
    const ended = await sessionsRepository(trx).updateRevoked(sessionId, reason)
    if (ended) await insertAuditEvent(trx, endedEvent({ sessionId, ...ended }, reason), source)
    return ended !== undefined
  }

  async function leave(trx: Db, sessionId: string, source: AuditSource) {
    const left = await sessionsRepository(trx).updateSignedOut(sessionId)
    if (!left) return
    const event = { event: "session.signed-out", outcome: "success", sessionId } as const
    await insertAuditEvent(trx, { ...event, ...left }, source)
  }
}

const endedEvent = (
  session: { accountId: string; sessionId: string; clientId: string },
  reason: RevocationReason,
): AuditEvent => ({ event: "session.ended", outcome: "success", ...session, detail: { reason } })
