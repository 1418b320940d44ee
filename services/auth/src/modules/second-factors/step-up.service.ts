import { type InTurn, Problem, type RequestContext } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import { accountsRepository } from "../accounts/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { PasskeyCeremonies, PasskeyOptions } from "../passkeys/index.js"
import type { IssuedTokens, LiveSession, SessionStore, SessionsService } from "../sessions/index.js"
import type { FactorProofs, PresentedFactor } from "./factor-proofs.js"
import { type GivenFactor, withBoth } from "./second-factors.service.js"
import { totpFactorsRepository } from "./totp-factors.repository.js"

export interface StepUpDeps {
  database: Database
  ceremonies: PasskeyCeremonies
  /** Tries of one account, one after the other. */
  inTurn: InTurn
  proofs: FactorProofs
  sessions: Pick<SessionsService, "assertPassword" | "start">
  store: SessionStore
}

export type GivenProof = GivenFactor | { kind: "password"; password: string }

export type StepUpService = ReturnType<typeof createStepUpService>

/** Somebody who is signed in proves once more who they are, and goes on with a new session (check 65). */
export function createStepUpService({ database, ceremonies, inTurn, proofs, sessions, store }: StepUpDeps) {
  return {
    beginPasskey: ({ id, account }: LiveSession): Promise<PasskeyOptions> =>
      ceremonies.assertionOptions({ purpose: "step-up", accountId: account.id, boundTo: id }),

    /**
     * Ends the session and starts another of the same app, which is as good as a fresh sign-in.
     *
     * @throws Problem `password.current-wrong`, `mfa.proof-invalid`, `mfa.step-up-required` where the account has a
     *   second factor and another one came, `token.invalid` where the session ended meanwhile, `request.too-many`
     */
    async stepUp(session: LiveSession, given: GivenProof, context: RequestContext): Promise<IssuedTokens> {
      const { account } = session
      const hasSecond = await totpFactorsRepository(database.db).isOn(account.id)
      if (given.kind === "password" && hasSecond) throw new Problem("mfa.step-up-required")
      const passwordHash =
        given.kind === "password"
          ? await sessions.assertPassword(account, given.password, context)
          : undefined
      const presented = await verified(given, session)

      const attempt = () =>
        database.transaction(async (trx) => {
          const locked = await accountsRepository(trx).lockById(account.id)
          if (!locked?.isActive) return new Problem("token.invalid")
          if (passwordHash && !(await accountsRepository(trx).lockUnchanged(account.id, passwordHash))) {
            return new Problem("password.current-wrong")
          }
          const proved = presented && (await proofs.accept(trx, locked, presented, context))
          if (presented && !proved) return new Problem("mfa.proof-invalid")
          if (!(await store.endIn(trx, session.id, "stepped-up", context)))
            return new Problem("token.invalid")
          const amr = proved ? withBoth(session.amr, proved) : ["pwd"]
          const event = { event: "session.stepped-up", outcome: "success", accountId: account.id } as const
          await insertAuditEvent(
            trx,
            { ...event, sessionId: session.id, detail: { by: given.kind } },
            context,
          )
          return sessions.start(trx, locked, amr, { ...context, clientId: session.clientId })
        })
      // A password has limits of its own.
      const outcome = await (presented ? inTurn(account.id, attempt) : attempt())

      if (outcome instanceof Problem) throw outcome
      return outcome
    },
  }

  async function verified(
    given: GivenProof,
    { id, account }: LiveSession,
  ): Promise<PresentedFactor | undefined> {
    if (given.kind === "password") return undefined
    if (given.kind !== "passkey") return given
    const ceremony = { purpose: "step-up", accountId: account.id, boundTo: id } as const
    return { kind: "passkey", proved: await ceremonies.verifyAssertion(given.assertion, ceremony) }
  }
}
