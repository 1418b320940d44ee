import { Problem, type RequestContext } from "@gatepost/http"
import type { Database, Db } from "@gatepost/postgres"
import { type Account, accountsRepository } from "../accounts/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { EmailVerificationService } from "../email-verification/index.js"
import type { PasswordResetService } from "../password-reset/index.js"
import { deviceOf, type SessionStore } from "../sessions/index.js"

export interface OwnershipDeps {
  database: Database
  emailVerification: EmailVerificationService
  passwordReset: PasswordResetService
  store: SessionStore
}

export type Ownership = ReturnType<typeof createOwnership>

/** Whose an address is (check 28, ADR 30). */
export function createOwnership({ database, emailVerification, passwordReset, store }: OwnershipDeps) {
  return {
    claim,

    /** Who made the account behind a verification link, for its owner to know whether that was them. */
    async findMaker(token: string): Promise<{ at: Date; device: string | undefined } | undefined> {
      const accountId = await emailVerification.findByLink(token)
      const account = accountId && (await accountsRepository(database.db).findActive(accountId))
      if (!account) return undefined
      const first = (await store.listLive(account.id)).toSorted((a, b) => +a.createdAt - +b.createdAt)[0]
      return { at: account.createdAt, device: first && (first.deviceName ?? deviceOf(first.userAgent)) }
    },

    /**
     * Whoever got a verification mail says that the account is not of their making: it is theirs now, without a
     * password, and a mail brings the link for one.
     *
     * @throws Problem `email-verification.token-invalid`
     */
    async claimByLink(token: string, context: RequestContext): Promise<void> {
      const account = await database.transaction(async (trx) => {
        const account = await emailVerification.take(trx, token)
        return account?.isActive ? claim(trx, account, context) : undefined
      })
      if (!account) throw new Problem("email-verification.token-invalid")
      await passwordReset.request(account.email, context)
    },
  }

  /**
   * Gives a locked account, whose address nobody had proved, to who has just proved it: whoever made it keeps
   * nothing. Its id and profile stay, for that may have been the owner themselves.
   */
  async function claim(trx: Db, account: Account, context: RequestContext): Promise<Account> {
    await passwordReset.disown(trx, account, context)
    await accountsRepository(trx).updateEmailVerified(account.id, account.email)
    for (const event of ["account.claimed", "email.verified"] as const) {
      await insertAuditEvent(trx, { event, outcome: "success", accountId: account.id }, context)
    }
    return { ...account, emailVerified: true }
  }
}
