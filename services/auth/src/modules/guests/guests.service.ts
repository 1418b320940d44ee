import { type Limiter, Problem, type RequestContext, type UserCaller } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import { newId } from "@gatepost/runtime"
import { type Account, accountsRepository, guestEmail, isGuest } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { EmailVerificationService } from "../email-verification/index.js"
import type { Hasher, PasswordPolicy } from "../passwords/index.js"
import { admitMailbox } from "../registration/index.js"
import type { IssuedTokens, LiveSession, SessionsService, SignInContext } from "../sessions/index.js"

export interface GuestsDeps {
  database: Database
  apps: Apps
  emailVerification: EmailVerificationService
  hasher: Hasher
  limiter: Limiter
  passwordPolicy: PasswordPolicy
  sessions: SessionsService
}

export type GuestsService = ReturnType<typeof createGuestsService>

/** People who want to look first. They have an account from the start, so that nothing has to be moved later. */
export function createGuestsService(deps: GuestsDeps) {
  const { database, apps, emailVerification, hasher, limiter, passwordPolicy, sessions } = deps

  return {
    /** @throws Problem `client.not-allowed-here`, `guest.not-welcome` */
    async begin(context: SignInContext): Promise<IssuedTokens> {
      sessions.assertAllowedHere(context)
      if (!apps.ofRequest(context).guests) throw new Problem("guest.not-welcome")
      const id = newId()
      const person = { id, email: guestEmail(id), name: undefined, locale: context.language }

      return database.transaction(async (trx) => {
        const account = await accountsRepository(trx).insertAccount({ ...person, passwordHash: undefined })
        if (!account) throw new Error("a guest's address was taken")
        const event = { event: "account.registered", outcome: "success", accountId: id } as const
        await insertAuditEvent(trx, { ...event, detail: { guest: true } }, context)
        // Nothing was proved.
        return sessions.start(trx, account, [], context)
      })
    },

    /**
     * Makes a guest's account a full one.
     *
     * @throws Problem `guest.not-one`, `request.invalid`, `account.email-taken`, `request.too-many`
     */
    async upgrade(
      caller: UserCaller,
      person: { email: string; password: string; name?: string | undefined },
      context: RequestContext,
    ): Promise<Account> {
      if (!isGuest((caller.state as LiveSession).account)) throw new Problem("guest.not-one")
      const owner = { ...person, appName: apps.ofRequest(context).client_name }
      await passwordPolicy.assertUncommon(person.password, owner, "/password")
      await admitMailbox(limiter, person.email)
      const passwordHash = await hasher.hash(person.password)

      return database.transaction(async (trx) => {
        const guest = await accountsRepository(trx).lockById(caller.userId)
        if (!guest?.isActive || !isGuest(guest)) throw new Problem("guest.not-one")
        const { email, name } = person
        const account = await accountsRepository(trx).updateGuest(guest, { email, name, passwordHash })
        if (!account) throw new Problem("account.email-taken")
        const event = { event: "account.upgraded", outcome: "success", accountId: account.id } as const
        await insertAuditEvent(trx, event, context)
        await emailVerification.sendLink(trx, account, context)
        return account
      })
    },
  }
}
