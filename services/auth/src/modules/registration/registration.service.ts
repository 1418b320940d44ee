import { Problem, type RequestContext } from "@gatepost/http"
import type { Idempotency } from "@gatepost/postgres"
import { newId } from "@gatepost/runtime"
import { accountsRepository } from "../accounts/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { EmailVerificationService } from "../email-verification/index.js"
import type { Hasher } from "../passwords/index.js"
import { type SessionsService, toTokenResponse } from "../sessions/index.js"

export interface RegistrationDeps {
  emailVerification: EmailVerificationService
  hasher: Hasher
  idempotency: Idempotency
  sessions: SessionsService
}

export type RegistrationService = ReturnType<typeof createRegistrationService>

export function createRegistrationService({
  emailVerification,
  hasher,
  idempotency,
  sessions,
}: RegistrationDeps) {
  return {
    /**
     * Makes an account, signs it in and sends the verification mail, all in one transaction.
     *
     * @returns the token response; a retry under the same key gets the same one
     * @throws Problem `account.email-taken`, `idempotency.mismatch`
     */
    async register(
      person: { email: string; password: string; name?: string | undefined },
      context: RequestContext,
    ) {
      const passwordHash = await hasher.hash(person.password)

      const key = context.idempotency && { ...context.idempotency, scope: "register" }
      const outcome = await idempotency.run(key, async (trx) => {
        const { email, name } = person
        const account = await accountsRepository(trx).insertAccount({
          id: newId(),
          email,
          name,
          passwordHash,
        })
        if (!account) throw new Problem("account.email-taken")
        await insertAuditEvent(
          trx,
          { event: "account.registered", outcome: "success", accountId: account.id },
          context,
        )
        await emailVerification.sendLink(trx, account, context)
        return toTokenResponse(await sessions.start(trx, account, ["pwd"], context))
      })

      if (outcome.kind === "mismatch") throw new Problem("idempotency.mismatch")
      return outcome.result
    },
  }
}
