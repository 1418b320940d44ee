import { Problem, type RequestContext } from "@gatepost/http"
import type { Outbox } from "@gatepost/mail-queue"
import type { Database } from "@gatepost/postgres"
import { randomToken, sha256 } from "@gatepost/runtime"
import { type Account, accountsRepository } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { Hasher } from "../passwords/index.js"
import type { SessionStore } from "../sessions/index.js"
import { passwordResetsRepository, type ResetLink } from "./password-reset.repository.js"

export interface PasswordResetDeps {
  database: Database
  apps: Apps
  hasher: Hasher
  outbox: Outbox
  store: SessionStore
  options: { ttlSeconds: number; cooldown: boolean }
}

export type PasswordResetService = ReturnType<typeof createPasswordResetService>

const MAX_MAILS_PER_HOUR = 3
const NOTICE_TTL_SECONDS = 86_400

export function createPasswordResetService(deps: PasswordResetDeps) {
  const { database, apps, hasher, outbox, store, options } = deps

  return {
    /** Sends a reset link where there is an account; the caller can't tell whether it did. */
    async request(email: string, context: RequestContext): Promise<void> {
      const found = await accountsRepository(database.db).findByEmail(email)
      if (!found) return
      const app = apps.ofRequest(context)
      const token = randomToken()

      await database.transaction(async (trx) => {
        // Of several requests at once each waits for the one before, and then counts its mail.
        const account = await accountsRepository(trx).lockById(found.id)
        if (!account?.isActive) return
        const resets = passwordResetsRepository(trx)
        const recent = await resets.findRecentCounts(account.id)
        if (options.cooldown && (recent.minute > 0 || recent.hour >= MAX_MAILS_PER_HOUR)) return
        const { ttlSeconds } = options
        await resets.insertReset({ tokenHash: sha256(token), accountId: account.id, ttlSeconds })
        await outbox.enqueue(trx, {
          kind: "reset-password",
          recipient: account.email,
          payload: {
            ...apps.mailHeader(app.client_id, account),
            link: apps.link(app, "reset_password", token),
            expires_in_minutes: Math.round(ttlSeconds / 60),
          },
          expiresInSeconds: ttlSeconds,
        })
        const event = {
          event: "password.reset-requested",
          outcome: "success",
          accountId: account.id,
        } as const
        await insertAuditEvent(trx, event, context)
      })
    },

    /** Whether a link would be taken now. */
    async isUsable(token: string): Promise<boolean> {
      return (await passwordResetsRepository(database.db).findLink(sha256(token)))?.state === "usable"
    },

    /**
     * Sets a new password by a link's token; ends every session and every other link (check 54). The
     * token is consumed in the transaction that writes the password (check 52).
     *
     * @returns the account whose password it is
     * @throws Problem `password.reset-token-invalid`, `password.reset-token-used`, `password.reset-token-expired`
     */
    async confirm(token: string, newPassword: string, context: RequestContext): Promise<Account> {
      const link = await passwordResetsRepository(database.db).findLink(sha256(token))
      if (link?.state !== "usable") throw refusalOf(link)
      const passwordHash = await hasher.hash(newPassword)

      const account = await database.transaction(async (trx) => {
        // First the account: two of its links at once would wait for each other.
        const account = await accountsRepository(trx).lockById(link.accountId)
        if (!account?.isActive) return undefined
        if (!(await passwordResetsRepository(trx).consumeReset(sha256(token)))) return undefined
        await accountsRepository(trx).updatePasswordHash(account.id, { to: passwordHash })
        // The link came by mail, so whoever used it reads the address.
        await accountsRepository(trx).updateEmailVerified(account.id, account.email)
        await passwordResetsRepository(trx).updateAllConsumed(account.id)
        await accountsRepository(trx).updateSignedOut(account.id)
        await store.endAll(trx, account.id, "password-reset", context)
        await insertAuditEvent(
          trx,
          { event: "password.reset", outcome: "success", accountId: account.id },
          context,
        )
        await outbox.enqueue(trx, {
          kind: "password-changed",
          recipient: account.email,
          payload: {
            ...apps.mailHeader(apps.ofRequest(context).client_id, account),
            changed_at: new Date().toISOString(),
          },
          expiresInSeconds: NOTICE_TTL_SECONDS,
        })
        return account
      })

      if (!account) throw refusalOf(await passwordResetsRepository(database.db).findLink(sha256(token)))
      return account
    },

    /** Deletes what is long over. */
    sweep: () => passwordResetsRepository(database.db).deleteExpired(),
  }
}

/** Why a link is not taken: only who holds it hears that. */
function refusalOf(link: ResetLink | undefined): Problem {
  if (link?.state === "used") return new Problem("password.reset-token-used")
  if (link?.state === "expired") return new Problem("password.reset-token-expired")
  return new Problem("password.reset-token-invalid")
}
