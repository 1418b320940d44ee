import { type Limiter, Problem, type RequestContext } from "@gatepost/http"
import type { Database, Db, Idempotency } from "@gatepost/postgres"
import { newId } from "@gatepost/runtime"
import { type Account, accountsRepository } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { EmailVerificationService } from "../email-verification/index.js"
import type { Hasher, PasswordPolicy } from "../passwords/index.js"
import { type SessionsService, type SignInContext, toTokenResponse } from "../sessions/index.js"
import type { SignInGuard } from "../sign-in-guard/index.js"
import { admitMailbox } from "./mailbox-limit.js"

export interface RegistrationDeps {
  apps: Apps
  database: Database
  emailVerification: EmailVerificationService
  hasher: Hasher
  idempotency: Idempotency
  limiter: Limiter
  passwordPolicy: PasswordPolicy
  sessions: SessionsService
  signInGuard: SignInGuard
}

export interface Person {
  email: string
  password: string
  name?: string | undefined
}

export type RegistrationService = ReturnType<typeof createRegistrationService>

export function createRegistrationService({
  apps,
  database,
  emailVerification,
  hasher,
  idempotency,
  limiter,
  passwordPolicy,
  sessions,
  signInGuard,
}: RegistrationDeps) {
  return {
    /**
     * Makes an account, signs it in and sends the verification mail, all in one transaction.
     *
     * @returns the token response; a retry under the same key gets the same one
     * @throws Problem `client.not-allowed-here`, `request.invalid`, `account.email-taken`, `idempotency.mismatch`,
     *   `request.too-many`
     */
    async register(person: Person, context: SignInContext) {
      sessions.assertAllowedHere(context)
      const key = context.idempotency && {
        ...context.idempotency,
        scope: `register ${apps.ofRequest(context).client_id}`,
      }
      await assertPassword(person, context)
      if (!key || !(await idempotency.isKnown(key))) await admitMailbox(limiter, person.email)
      const passwordHash = await hasher.hash(person.password)

      const outcome = await idempotency.run(key, async (trx) => {
        const account = await insert(trx, person, passwordHash, context)
        return toTokenResponse(await sessions.start(trx, account, ["pwd"], context))
      })

      if (outcome.kind === "mismatch") throw new Problem("idempotency.mismatch")
      return outcome.result
    },

    /**
     * Makes an account for somebody who then signs in by the OpenID Provider.
     *
     * @throws Problem `request.invalid`, `account.email-taken`, `request.too-many`
     */
    async createAccount(person: Person, context: RequestContext): Promise<Account> {
      await assertPassword(person, context)
      await admitMailbox(limiter, person.email)
      const passwordHash = await hasher.hash(person.password)

      return database.transaction(async (trx) => {
        const account = await insert(trx, person, passwordHash, context)
        await signInGuard.remember(trx, account, context)
        return account
      })
    },
  }

  // Before anything is counted for the mailbox: what makes no account must not use up its owner's tries.
  function assertPassword({ password, ...person }: Person, context: RequestContext): Promise<void> {
    const owner = { ...person, appName: apps.ofRequest(context).client_name }
    return passwordPolicy.assertUncommon(password, owner, "/password")
  }

  async function insert(trx: Db, { email, name }: Person, passwordHash: string, context: RequestContext) {
    const person = { email, name, locale: context.language }
    const account = await accountsRepository(trx).insertAccount({ id: newId(), ...person, passwordHash })
    if (!account) throw new Problem("account.email-taken")
    const event = { event: "account.registered", outcome: "success", accountId: account.id } as const
    await insertAuditEvent(trx, event, context)
    await emailVerification.sendLink(trx, account, context)
    return account
  }
}
