import { Problem, type RequestContext } from "@gatepost/http"
import type { Outbox } from "@gatepost/mail-queue"
import type { Database, Db } from "@gatepost/postgres"
import { randomToken, sha256 } from "@gatepost/runtime"
import { type Account, accountsRepository } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { CodePurpose, OneTimeCodes } from "../one-time-codes/index.js"
import type { Hasher, PasswordPolicy } from "../passwords/index.js"
import type { RevocationReason, SessionStore } from "../sessions/index.js"
import { passwordResetsRepository, type ResetLink } from "./password-reset.repository.js"

export interface PasswordResetDeps {
  database: Database
  apps: Apps
  codes: OneTimeCodes
  hasher: Hasher
  outbox: Outbox
  passwordPolicy: PasswordPolicy
  store: SessionStore
  /** Takes away what else signs in to an account, or was added to it since then (check 28). */
  forgetCredentials(trx: Db, accountId: string, since?: Date): Promise<void>
  options: { ttlSeconds: number; cooldown: boolean }
}

type NewPassword = Extract<RevocationReason, "password-reset" | "password-changed">

export type PasswordResetService = ReturnType<typeof createPasswordResetService>

const MAX_MAILS_PER_HOUR = 3
const MAX_MAILS_PER_DAY = 10
const NOTICE_TTL_SECONDS = 86_400

export function createPasswordResetService(deps: PasswordResetDeps) {
  const { database, apps, codes, hasher, outbox, store, forgetCredentials, options } = deps

  return {
    /**
     * Sends a reset link and code where there is an account; the caller can't tell whether it did.
     *
     * @param purpose of the code; a verification's, where the app has it that one code serves both
     */
    async request(email: string, context: RequestContext, purpose: CodePurpose = "reset-password") {
      const found = await accountsRepository(database.db).findByEmail(email)
      if (!found) return

      await database.transaction(async (trx) => {
        // Of several requests at once each waits for the one before, and then counts its mail.
        const account = await accountsRepository(trx).lockById(found.id)
        if (!account?.isActive) return
        if (options.cooldown && (await isTooSoon(trx, account.id))) return
        await sendMail(trx, account, purpose, context)
      })
    },

    /** Whether a link would be taken now. */
    async isUsable(token: string): Promise<boolean> {
      return (await passwordResetsRepository(database.db).findLink(sha256(token)))?.state === "usable"
    },

    /**
     * Sets a new password by a link's token, which is consumed in the transaction that writes the
     * password (check 52).
     *
     * @returns the account whose password it is
     * @throws Problem `password.reset-token-invalid`, `password.reset-token-used`, `password.reset-token-expired`; `request.invalid`, and the link stays good
     */
    async confirm(token: string, newPassword: string, context: RequestContext): Promise<Account> {
      const link = await passwordResetsRepository(database.db).findLink(sha256(token))
      if (link?.state !== "usable") throw refusalOf(link)
      const passwordHash = await hashOf(newPassword, link.accountId, context)

      const account = await database.transaction(async (trx) => {
        // First the account: two of its links at once would wait for each other.
        const account = await accountsRepository(trx).lockById(link.accountId)
        if (!account?.isActive) return undefined
        if (!(await passwordResetsRepository(trx).consumeReset(sha256(token)))) return undefined
        if (!account.emailVerified) await forgetCredentials(trx, account.id)
        await this.replace(trx, account, passwordHash, "password-reset", context)
        // The link or code came by mail, so whoever used it reads the address.
        await accountsRepository(trx).updateEmailVerified(account.id, account.email)
        return account
      })

      if (!account) throw refusalOf(await passwordResetsRepository(database.db).findLink(sha256(token)))
      return account
    },

    /**
     * Sets a new password by the code of a reset mail, or of six digits where the app has it so; the
     * third wrong one of those is the last, and the fifth of the others.
     *
     * @throws Problem `one-time-code.invalid`, the same whatever was wrong; `request.too-many`
     */
    async confirmByCode(email: string, digits: string, newPassword: string, context: RequestContext) {
      const use = digits.length === 8 ? "reset-password" : "reset-by-verification-code"
      const { found, code } = await codes.inTurn(email, async () => {
        const found = await accountsRepository(database.db).findByEmail(email)
        const code = found?.isActive && (await codes.attempt(found, use, digits, context))
        return { found, code }
      })
      if (!found || !code) throw new Problem("one-time-code.invalid")
      const passwordHash = await hashOf(newPassword, found.id, context)

      const account = await database.transaction(async (trx) => {
        const account = await accountsRepository(trx).lockById(found.id)
        if (!account?.isActive || account.email !== email) return undefined
        if (!(await codes.consume(trx, code, use))) return undefined
        if (!account.emailVerified) await forgetCredentials(trx, account.id)
        await this.replace(trx, account, passwordHash, "password-reset", context)
        // The link or code came by mail, so whoever used it reads the address.
        await accountsRepository(trx).updateEmailVerified(account.id, account.email)
        return account
      })

      if (!account) throw new Problem("one-time-code.invalid")
      return account
    },

    /**
     * Gives a locked account a new password in the caller's transaction: every session ends, and every link
     * and code; the owner hears of it.
     */
    async replace(
      trx: Db,
      account: Account,
      passwordHash: string,
      why: NewPassword,
      context: RequestContext,
    ) {
      await accountsRepository(trx).updatePasswordHash(account.id, { to: passwordHash })
      await endAll(trx, account, why, context)
      const event = why === "password-reset" ? "password.reset" : "password.changed"
      await insertAuditEvent(trx, { event, outcome: "success", accountId: account.id }, context)
      await outbox.enqueue(trx, {
        kind: "password-changed",
        recipient: account.email,
        locale: account.locale ?? context.language,
        payload: {
          ...apps.mailHeader(apps.ofRequest(context).client_id, account),
          changed_at: new Date().toISOString(),
        },
        expiresInSeconds: NOTICE_TTL_SECONDS,
      })
    },

    /**
     * Takes the password of a locked account away, which somebody else knew, with what they may have added since
     * then, and sends a link for a new one.
     */
    async startOver(trx: Db, account: Account, since: Date, context: RequestContext): Promise<void> {
      await accountsRepository(trx).updatePasswordHash(account.id, { to: null })
      await forgetCredentials(trx, account.id, since)
      await endAll(trx, account, "email-change-undone", context)
      await sendMail(trx, account, "reset-password", context)
    },

    /** Takes away all that signs in to a locked account, as somebody made it whose address it was not. */
    async disown(trx: Db, account: Account, context: RequestContext): Promise<void> {
      await accountsRepository(trx).updatePasswordHash(account.id, { to: null })
      await forgetCredentials(trx, account.id)
      await endAll(trx, account, "address-proved", context)
    },

    endLinks,

    /** Deletes what is long over. */
    sweep: () => passwordResetsRepository(database.db).deleteExpired(),
  }

  async function hashOf(password: string, accountId: string, context: RequestContext): Promise<string> {
    const owner = await accountsRepository(database.db).findActive(accountId)
    const appName = apps.ofRequest(context).client_name
    if (owner) await deps.passwordPolicy.assertUncommon(password, { ...owner, appName })
    return hasher.hash(password)
  }

  async function sendMail(trx: Db, account: Account, purpose: CodePurpose, context: RequestContext) {
    const app = apps.ofRequest(context)
    const token = randomToken()
    const { ttlSeconds } = options
    await passwordResetsRepository(trx).insertReset({
      tokenHash: sha256(token),
      accountId: account.id,
      ttlSeconds,
    })
    const mayReset = purpose === "reset-password" || (await codes.hasShortResetsLeft(trx, account.id))
    await outbox.enqueue(trx, {
      kind: "reset-password",
      recipient: account.email,
      locale: account.locale ?? context.language,
      payload: {
        ...apps.mailHeader(app.client_id, account),
        link: apps.link(app, "reset_password", token),
        expires_in_minutes: Math.round(ttlSeconds / 60),
        ...(mayReset && { code: await codes.issue(trx, account, purpose, mayReset) }),
      },
      expiresInSeconds: ttlSeconds,
    })
    const event = { event: "password.reset-requested", outcome: "success", accountId: account.id } as const
    await insertAuditEvent(trx, event, context)
  }

  /** No link or code that was mailed so far is good for anything. */
  async function endLinks(trx: Db, accountId: string): Promise<void> {
    await passwordResetsRepository(trx).updateAllConsumed(accountId)
    await codes.endAll(trx, accountId, "all")
  }

  async function endAll(trx: Db, account: Account, why: RevocationReason, context: RequestContext) {
    await endLinks(trx, account.id)
    await accountsRepository(trx).updateSignedOut(account.id)
    await store.endAll(trx, account.id, why, context)
  }

  async function isTooSoon(trx: Db, accountId: string): Promise<boolean> {
    const { minute, hour, day } = await passwordResetsRepository(trx).findRecentCounts(accountId)
    return minute > 0 || hour >= MAX_MAILS_PER_HOUR || day >= MAX_MAILS_PER_DAY
  }
}

/** Why a link is not taken: only who holds it hears that. */
function refusalOf(link: ResetLink | undefined): Problem {
  if (link?.state === "used") return new Problem("password.reset-token-used")
  if (link?.state === "expired") return new Problem("password.reset-token-expired")
  return new Problem("password.reset-token-invalid")
}
