import { Problem, type RequestContext } from "@gatepost/http"
import type { Outbox } from "@gatepost/mail-queue"
import type { Database, Db } from "@gatepost/postgres"
import { newId, randomToken, sha256 } from "@gatepost/runtime"
import { type Account, accountsDepartureRepository, accountsRepository } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { OneTimeCodes } from "../one-time-codes/index.js"
import type { PasswordResetService } from "../password-reset/index.js"
import { type EmailChange, emailChangesRepository } from "./email-changes.repository.js"

export interface EmailChangesDeps {
  database: Database
  apps: Apps
  codes: OneTimeCodes
  outbox: Outbox
  passwordReset: PasswordResetService
  options: { cooldown: boolean }
}

export type EmailChangesService = ReturnType<typeof createEmailChangesService>

// SECURITY.md section 2.
const CONFIRM_TTL_SECONDS = 3_600
const UNDO_TTL_SECONDS = 72 * 3_600
const MAX_MAILS_PER_HOUR = 3
const MAX_MAILS_PER_DAY = 10

/** A change of address is proved at the new one, told to the old one, and can be taken back there (check 51). */
export function createEmailChangesService(deps: EmailChangesDeps) {
  const { database, apps, codes, outbox, passwordReset, options } = deps

  return {
    /**
     * Sends a link and a code to a new address, for somebody who has just proved their password; the caller
     * can't tell whether the address is somebody else's. Until it is confirmed, nothing changes.
     */
    async request(accountId: string, newEmail: string, context: RequestContext): Promise<void> {
      const app = apps.ofRequest(context)
      const token = randomToken()

      await database.transaction(async (trx) => {
        // Of several requests at once each waits for the one before, and then counts its mail.
        const account = await accountsRepository(trx).lockById(accountId)
        if (!account?.isActive || account.email === newEmail) return
        if (!(await accountsRepository(trx).isFreeEmail(newEmail, account.id))) return
        if (options.cooldown && (await isTooSoon(trx, account.id))) return
        await emailChangesRepository(trx).insertChange({
          id: newId(),
          accountId: account.id,
          oldEmail: account.email,
          oldEmailVerified: account.emailVerified,
          newEmail,
          tokenHash: sha256(token),
          ttlSeconds: CONFIRM_TTL_SECONDS,
        })
        await outbox.enqueue(trx, {
          kind: "confirm-new-email",
          recipient: newEmail,
          locale: account.locale ?? context.language,
          payload: {
            ...apps.mailHeader(app.client_id, account),
            link: apps.link(app, "confirm_new_email", token),
            expires_in_minutes: CONFIRM_TTL_SECONDS / 60,
            code: await codes.issue(trx, { id: account.id, email: newEmail }, "change-email", false),
          },
          expiresInSeconds: CONFIRM_TTL_SECONDS,
        })
        await record(trx, "email.change-requested", account.id, context)
      })
    },

    /** @throws Problem `email-change.token-invalid`, also where the address was taken meanwhile */
    async confirmByLink(token: string, context: RequestContext): Promise<void> {
      const change = await emailChangesRepository(database.db).findByToken(sha256(token))
      const done = change && (await database.transaction((trx) => confirm(trx, change, context)))
      if (!done) throw new Problem("email-change.token-invalid")
    },

    /** @throws Problem `one-time-code.invalid`, also where the address was taken meanwhile; `request.too-many` */
    async confirmByCode(accountId: string, digits: string, context: RequestContext): Promise<void> {
      const { change, code } = await codes.inTurn(accountId, async () => {
        const change = await emailChangesRepository(database.db).findOpen(accountId)
        const addressee = change && { id: accountId, email: change.newEmail }
        const code = addressee && (await codes.attempt(addressee, "change-email", digits, context))
        return { change, code }
      })
      const done =
        change &&
        code &&
        (await database.transaction(async (trx) => {
          if (!(await accountsRepository(trx).lockById(accountId))) return false
          return (await codes.consume(trx, code, "change-email")) && confirm(trx, change, context)
        }))
      if (!done) throw new Problem("one-time-code.invalid")
    },

    /**
     * Gives the account back to the old address. Somebody knew the password who should not, so it is good no
     * more, nor is what they may have added to sign in with, nor their wish to delete it all: every session ends, and a
     * mail brings the link for a new password.
     *
     * @throws Problem `email-change.token-invalid`
     */
    async undo(token: string, context: RequestContext): Promise<void> {
      const change = await emailChangesRepository(database.db).findByUndo(sha256(token))
      const done =
        change &&
        (await database.transaction(async (trx) => {
          const account = await accountsRepository(trx).lockById(change.accountId)
          if (!account || !(await emailChangesRepository(trx).consumeUndo(change.id))) return false
          const back = { from: account.email, to: change.oldEmail }
          if (!(await accountsRepository(trx).updateEmail(account.id, back))) return false
          await emailChangesRepository(trx).updateAllClosed(account.id)
          await record(trx, "email.change-undone", account.id, context)
          await accountsDepartureRepository(trx).withdrawDeletion(account.id)
          const since = new Date(change.createdAt.getTime() - UNDO_TTL_SECONDS * 1000)
          await passwordReset.startOver(trx, { ...account, email: change.oldEmail }, since, context)
          return true
        }))
      if (!done) throw new Problem("email-change.token-invalid")
    },

    /** Deletes what is long over. */
    async sweep(): Promise<void> {
      await emailChangesRepository(database.db).deleteExpired()
      await accountsRepository(database.db).deleteExpiredReservations()
    },
  }

  async function confirm(trx: Db, change: EmailChange, context: RequestContext): Promise<boolean> {
    const accounts = accountsRepository(trx)
    const account = await accounts.lockById(change.accountId)
    if (!account?.isActive || !(await isStillWanted(trx, change, account))) return false
    if (!(await emailChangesRepository(trx).consumeChange(change.id))) return false
    const move = { from: change.oldEmail, to: change.newEmail }
    // Nobody has proved the old address, so it gets no power over the account: it may be a slip of the keyboard.
    const keeps = change.oldEmailVerified ? { reserveSeconds: UNDO_TTL_SECONDS } : {}
    if (!(await accounts.updateEmail(account.id, { ...move, ...keeps }))) return false
    await passwordReset.endLinks(trx, account.id)
    await record(trx, "email.changed", account.id, context)
    if (change.oldEmailVerified) await tellOldAddress(trx, change, account, context)
    return true
  }

  /** Whoever reset the password, signed out everywhere or proved the old address since then did not want it. */
  async function isStillWanted(trx: Db, change: EmailChange, account: Account): Promise<boolean> {
    if (account.email !== change.oldEmail || account.emailVerified !== change.oldEmailVerified) return false
    return accountsRepository(trx).isSignedInSince(account.id, change.createdAt.getTime() / 1000)
  }

  async function tellOldAddress(trx: Db, change: EmailChange, account: Account, context: RequestContext) {
    const app = apps.ofRequest(context)
    const token = randomToken()
    await emailChangesRepository(trx).updateUndo(change.id, {
      hash: sha256(token),
      ttlSeconds: UNDO_TTL_SECONDS,
    })
    await outbox.enqueue(trx, {
      kind: "email-changed",
      recipient: change.oldEmail,
      // Not the request's language: it may be the thief's.
      locale: account.locale,
      payload: {
        ...apps.mailHeader(app.client_id, account),
        changed_at: new Date().toISOString(),
        link: apps.link(app, "undo_email_change", token),
        expires_in_minutes: UNDO_TTL_SECONDS / 60,
      },
      expiresInSeconds: UNDO_TTL_SECONDS,
    })
  }

  async function isTooSoon(trx: Db, accountId: string): Promise<boolean> {
    const { minute, hour, day } = await emailChangesRepository(trx).findRecentCounts(accountId)
    return minute > 0 || hour >= MAX_MAILS_PER_HOUR || day >= MAX_MAILS_PER_DAY
  }
}

function record(
  trx: Db,
  event: "email.change-requested" | "email.changed" | "email.change-undone",
  accountId: string,
  context: RequestContext,
): Promise<void> {
  return insertAuditEvent(trx, { event, outcome: "success", accountId }, context)
}
