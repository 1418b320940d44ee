import { randomBytes } from "node:crypto"
import { Problem, type RequestContext, type UserCaller } from "@gatepost/http"
import type { Outbox } from "@gatepost/mail-queue"
import type { Database, Db } from "@gatepost/postgres"
import { newId, randomToken, sha256 } from "@gatepost/runtime"
import type { AccessTokens } from "../access-tokens/index.js"
import { type Account, accountsRepository } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { Hasher } from "../passwords/index.js"
import { refreshTokensRepository } from "./refresh-tokens.repository.js"
import { sessionsRepository } from "./sessions.repository.js"
import type { IssuedTokens, LiveSession } from "./sessions.types.js"
import { successorOf } from "./successor.js"

export interface SessionsOptions {
  refreshTokenSecret: string
  refreshTtlSeconds: number
  absoluteTtlSeconds: number
  retryWindowSeconds: number
}

export interface SessionsDeps {
  database: Database
  accessTokens: AccessTokens
  apps: Apps
  hasher: Hasher
  outbox: Outbox
  options: SessionsOptions
}

export type SessionsService = ReturnType<typeof createSessionsService>

export function createSessionsService({
  database,
  accessTokens,
  apps,
  hasher,
  outbox,
  options,
}: SessionsDeps) {
  return {
    /** Starts a session in the caller's transaction, for an account that has just proved itself. */
    async start(trx: Db, account: Account, amr: string[], context: RequestContext): Promise<IssuedTokens> {
      const clientId = apps.ofRequest(context).client_id
      const refreshToken = randomToken()
      const id = newId()

      const authenticatedAt = await sessionsRepository(trx).insertSession({
        id,
        accountId: account.id,
        clientId,
        salt: randomBytes(32),
        amr,
        userAgent: context.userAgent,
        ip: context.ip,
        refreshTokenHash: sha256(refreshToken),
        refreshTtlSeconds: options.refreshTtlSeconds,
        absoluteTtlSeconds: options.absoluteTtlSeconds,
      })
      const event = { event: "session.started", outcome: "success", sessionId: id, clientId } as const
      await insertAuditEvent(trx, { ...event, accountId: account.id }, context)

      return tokensOf({ id, clientId, authenticatedAt, amr, account }, refreshToken)
    },

    /** @throws Problem `session.credentials-invalid`, after the same work, whatever was wrong */
    async signIn(
      credentials: { email: string; password: string },
      context: RequestContext,
    ): Promise<IssuedTokens> {
      const account = await accountsRepository(database.db).findCredentials(credentials.email)

      const matches = await hasher.verify(account?.passwordHash, credentials.password)
      if (!account?.passwordHash || !matches || !account.isActive) {
        const refused = { event: "session.refused", outcome: "failure", accountId: account?.id } as const
        await insertAuditEvent(database.db, refused, context)
        throw new Problem("session.credentials-invalid")
      }
      const passwordHash = await renewed(account.id, account.passwordHash, credentials.password)

      const tokens = await database.transaction(async (trx) => {
        // Either this sees the hash of a reset that came meanwhile, or the reset ends this session (check 54).
        const unchanged = await accountsRepository(trx).lockUnchanged(account.id, passwordHash)
        return unchanged ? this.start(trx, account, ["pwd"], context) : undefined
      })
      return tokens ?? this.signIn(credentials, context)
    },

    /**
     * Exchanges a refresh token for its successor and a fresh access token; a retry gets the same
     * successor. A token that comes again after its successor was used ends the session.
     *
     * @throws Problem `session.refresh-invalid`
     */
    async refresh(refreshToken: string, context: RequestContext): Promise<IssuedTokens> {
      const tokens = refreshTokensRepository(database.db)
      const tokenHash = sha256(refreshToken)
      const presented = await tokens.findPresented(tokenHash, options.retryWindowSeconds)
      if (!presented) throw new Problem("session.refresh-invalid")

      if (presented.kind === "usable") {
        const successor = successorOf(refreshToken, presented.salt, options.refreshTokenSecret)
        const rotated = await tokens.rotate(tokenHash, sha256(successor), {
          retryWindowSeconds: options.retryWindowSeconds,
          ttlSeconds: options.refreshTtlSeconds,
        })
        if (rotated) return tokensOf(presented.session, successor)
        // Between the look and the statement: the session ended, or the successor was used.
        const again = await tokens.findPresented(tokenHash, options.retryWindowSeconds)
        if (again?.kind !== "reused") throw new Problem("session.refresh-invalid")
      }

      await revokeStolen(presented.session, context)
      throw new Problem("session.refresh-invalid")
    },

    /** Ends the caller's session; its tokens are refused from the commit on. */
    async signOut(caller: UserCaller, context: RequestContext): Promise<void> {
      await database.transaction(async (trx) => {
        const ended = await sessionsRepository(trx).updateRevoked(caller.sessionId, "logout")
        if (!ended) return
        const { userId: accountId, sessionId, clientId } = caller
        await insertAuditEvent(
          trx,
          { event: "session.ended", outcome: "success", accountId, sessionId, clientId },
          context,
        )
      })
    },

    /** Ends every session of an account in the caller's transaction. */
    async endAll(trx: Db, accountId: string, context: RequestContext): Promise<void> {
      for (const sessionId of await sessionsRepository(trx).updateAllRevoked(accountId, "password-reset")) {
        await insertAuditEvent(
          trx,
          { event: "session.ended", outcome: "success", accountId, sessionId },
          context,
        )
      }
    },

    /** The session an access token speaks for, as it is now. */
    findLive: (sessionId: string): Promise<LiveSession | undefined> =>
      sessionsRepository(database.db).findLive(sessionId),

    /** Deletes what is long over. */
    async sweep(): Promise<void> {
      await refreshTokensRepository(database.db).deleteExpired()
      await sessionsRepository(database.db).deleteExpired()
    },
  }

  function tokensOf(session: LiveSession, refreshToken: string): IssuedTokens {
    const { accessToken, expiresInSeconds } = accessTokens.issue({ ...session, sessionId: session.id })
    return { accessToken, refreshToken, expiresInSeconds, account: session.account }
  }

  /** The hash that the account has now, in today's cost. */
  async function renewed(accountId: string, passwordHash: string, password: string): Promise<string> {
    if (!hasher.isOutdated(passwordHash)) return passwordHash
    const to = await hasher.hash(password)
    const changed = await accountsRepository(database.db).updatePasswordHash(accountId, {
      from: passwordHash,
      to,
    })
    return changed ? to : passwordHash
  }

  /** RFC 9700 section 4.14.2: nobody can tell the owner from the thief, so the session ends for both. */
  async function revokeStolen(
    { id, clientId, account }: LiveSession,
    context: RequestContext,
  ): Promise<void> {
    await database.transaction(async (trx) => {
      const ended = await sessionsRepository(trx).updateRevoked(id, "refresh-reused")
      if (!ended) return
      const event = { event: "session.refresh-reused", outcome: "failure", sessionId: id, clientId } as const
      await insertAuditEvent(trx, { ...event, accountId: account.id }, context)
      await outbox.enqueue(trx, {
        kind: "session-revoked",
        recipient: account.email,
        payload: { ...apps.mailHeader(clientId, account), revoked_at: new Date().toISOString() },
        expiresInSeconds: 86_400,
      })
    })
  }
}
