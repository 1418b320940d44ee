import { Problem, type RequestContext } from "@gatepost/http"
import type { Outbox } from "@gatepost/mail-queue"
import type { Database, Db } from "@gatepost/postgres"
import { randomToken, sha256 } from "@gatepost/runtime"
import { type Account, accountsRepository } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { OneTimeCodes } from "../one-time-codes/index.js"
import { emailVerificationsRepository } from "./email-verification.repository.js"

export interface EmailVerificationDeps {
  database: Database
  apps: Apps
  codes: OneTimeCodes
  outbox: Outbox
  options: { ttlSeconds: number; cooldown: boolean }
}

export type EmailVerificationService = ReturnType<typeof createEmailVerificationService>

const MAX_MAILS_PER_HOUR = 3
const MAX_MAILS_PER_DAY = 10

export function createEmailVerificationService(deps: EmailVerificationDeps) {
  const { database, apps, codes, outbox, options } = deps

  return {
    /** Stores a link, a code and the mail with both, in the caller's transaction. */
    async sendLink(trx: Db, account: Account, context: RequestContext): Promise<void> {
      const app = apps.ofRequest(context)
      const token = randomToken()

      await emailVerificationsRepository(trx).insertVerification({
        tokenHash: sha256(token),
        accountId: account.id,
        email: account.email,
        ttlSeconds: options.ttlSeconds,
      })
      const mayReset = app.otp_reset && (await codes.hasShortResetsLeft(trx, account.id))
      await outbox.enqueue(trx, {
        kind: "verify-email",
        recipient: account.email,
        locale: account.locale ?? context.language,
        payload: {
          ...apps.mailHeader(app.client_id, account),
          link: apps.link(app, "verify_email", token),
          expires_in_minutes: Math.round(options.ttlSeconds / 60),
          code: await codes.issue(trx, account, "verify-email", mayReset),
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
        if (options.cooldown && (await isTooSoon(trx, account.id))) return
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
        const account = await take(trx, token)
        return account !== undefined && verify(trx, account, context)
      })

      if (!verified) throw new Problem("email-verification.token-invalid")
    },

    /**
     * Verifies an address by the code of its newest mail; of wrong ones the fifth is the last.
     *
     * @throws Problem `one-time-code.invalid`, the same whatever was wrong; `request.too-many`
     */
    async confirmByCode(email: string, digits: string, context: RequestContext): Promise<void> {
      const { account, code } = await codes.inTurn(email, async () => {
        const account = await accountsRepository(database.db).findByEmail(email)
        const code = account?.isActive && (await codes.attempt(account, "verify-email", digits, context))
        return { account, code }
      })
      if (!account || !code) throw new Problem("one-time-code.invalid")

      const verified = await database.transaction(async (trx) => {
        await accountsRepository(trx).lockById(account.id)
        if (!(await codes.consume(trx, code, "verify-email"))) return false
        return verify(trx, account, context)
      })
      if (!verified) throw new Problem("one-time-code.invalid")
    },

    take,

    /** Whose address a link would prove, as far as it goes. */
    findByLink: (token: string): Promise<string | undefined> =>
      emailVerificationsRepository(database.db).findAccountId(sha256(token)),

    /** Deletes what is long over. */
    sweep: () => emailVerificationsRepository(database.db).deleteExpired(),
  }

  /** The account that a link proves the address of, locked, by the link's one use. */
  async function take(trx: Db, token: string): Promise<Account | undefined> {
    const accountId = await emailVerificationsRepository(trx).findAccountId(sha256(token))
    // First the account: two of its links at once would wait for each other. A verified one has nothing
    // to verify: one proof ends all links, and so does a reset (check 54).
    const account = accountId && (await accountsRepository(trx).lockById(accountId))
    if (!account || account.emailVerified) return undefined
    const link = await emailVerificationsRepository(trx).consumeVerification(sha256(token))
    return link?.email === account.email ? account : undefined
  }

  /** What a proof does, by link or code: the address is verified, and no further proof is open. */
  async function verify(trx: Db, account: { id: string; email: string }, context: RequestContext) {
    if (!(await accountsRepository(trx).updateEmailVerified(account.id, account.email))) return false
    await codes.endAll(trx, account.id, "verifications")
    const event = { event: "email.verified", outcome: "success", accountId: account.id } as const
    await insertAuditEvent(trx, event, context)
    return true
  }

  async function isTooSoon(trx: Db, accountId: string): Promise<boolean> {
    const { minute, hour, day } = await emailVerificationsRepository(trx).findRecentCounts(accountId)
    return minute > 0 || hour >= MAX_MAILS_PER_HOUR || day >= MAX_MAILS_PER_DAY
  }
}
