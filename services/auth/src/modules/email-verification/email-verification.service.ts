import { Problem, type RequestContext } from "@gatepost/http"
import type { Outbox } from "@gatepost/mail-queue"
import type { Database, Db } from "@gatepost/postgres"
import { randomToken, sha256 } from "@gatepost/runtime"
import { type Account, accountsRepository } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"
import { insertAuditEvent } from "../audit/index.js"
import { emailVerificationsRepository } from "./email-verification.repository.js"

export interface EmailVerificationDeps {
  database: Database
  apps: Apps
  outbox: Outbox
  options: { ttlSeconds: number; cooldown: boolean }
}

export type EmailVerificationService = ReturnType<typeof createEmailVerificationService>

const MAX_MAILS_PER_HOUR = 3

export function createEmailVerificationService({ database, apps, outbox, options }: EmailVerificationDeps) {
  return {
    /** Stores a link and its mail in the caller's transaction. */
    async sendLink(trx: Db, account: Account, context: RequestContext): Promise<void> {
      const app = apps.ofRequest(context)
      const token = randomToken()

      await emailVerificationsRepository(trx).insertVerification({
        tokenHash: sha256(token),
        accountId: account.id,
        email: account.email,
        ttlSeconds: options.ttlSeconds,
      })
      await outbox.enqueue(trx, {
        kind: "verify-email",
        recipient: account.email,
        locale: account.locale ?? context.language,
        payload: {
          ...apps.mailHeader(app.client_id, account),
          link: apps.link(app, "verify_email", token),
          expires_in_minutes: Math.round(options.ttlSeconds / 60),
        },
        expiresInSeconds: options.ttlSeconds,
      })
    },

    /** Sends a new link where there is something to verify; the caller can't tell whether it did. */
    async request(email: string, context: RequestContext): Promise<void> {
      const found = await accountsRepository(database.db).findByEmail(email)
      if (!found) return

      await database.transaction(async (trx) => {
        // Of several requests at once each waits for the one before, and then counts its mail.
        const account = await accountsRepository(trx).lockById(found.id)
        if (!account || account.emailVerified || !account.isActive) return
        const recent = await emailVerificationsRepository(trx).findRecentCounts(account.id)
        if (options.cooldown && (recent.minute > 0 || recent.hour >= MAX_MAILS_PER_HOUR)) return
        await this.sendLink(trx, account, context)
        const event = {
          event: "email.verification-requested",
          outcome: "success",
          accountId: account.id,
        } as const
        await insertAuditEvent(trx, event, context)
      })
    },

    /** @throws Problem `email-verification.token-invalid` */
    async confirm(token: string, context: RequestContext): Promise<void> {
      const verified = await database.transaction(async (trx) => {
        const link = await emailVerificationsRepository(trx).consumeVerification(sha256(token))
        if (!link) return false
        const changed = await accountsRepository(trx).updateEmailVerified(link.accountId, link.email)
        if (!changed) return false
        await insertAuditEvent(
          trx,
          { event: "email.verified", outcome: "success", accountId: link.accountId },
          context,
        )
        return true
      })

      if (!verified) throw new Problem("email-verification.token-invalid")
    },

    /** Deletes what is long over. */
    sweep: () => emailVerificationsRepository(database.db).deleteExpired(),
  }
}
