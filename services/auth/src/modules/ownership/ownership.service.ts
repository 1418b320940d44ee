import type { RequestContext } from "@gatepost/http"
import type { Db } from "@gatepost/postgres"
import { type Account, accountsRepository } from "../accounts/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { PasswordResetService } from "../password-reset/index.js"

/** Takes away what signs in to an account besides the password, in the caller's transaction. */
export type ForgetCredentials = (trx: Db, accountId: string) => Promise<void>

export type Ownership = ReturnType<typeof createOwnership>

/** Whose an address is (check 28, ADR 30). */
export function createOwnership({ passwordReset }: { passwordReset: PasswordResetService }) {
  return {
    /**
     * Gives a locked account, whose address nobody had proved, to who has just proved it: whoever made it keeps
     * nothing. Its id and profile stay, for that may have been the owner themselves.
     */
    async claim(trx: Db, account: Account, context: RequestContext): Promise<Account> {
      await passwordReset.disown(trx, account, context)
      await accountsRepository(trx).updateEmailVerified(account.id, account.email)
      for (const event of ["account.claimed", "email.verified"] as const) {
        await insertAuditEvent(trx, { event, outcome: "success", accountId: account.id }, context)
      }
      return { ...account, emailVerified: true }
    },
  }
}
