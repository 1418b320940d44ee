import { counterKey, type Limiter, Problem, type RequestContext } from "@gatepost/http"
import type { Database, Db } from "@gatepost/postgres"
import { newId } from "@gatepost/runtime"
import { type Account, accountsRepository } from "../accounts/index.js"
import { type AuditEventName, type AuditSource, insertAuditEvent } from "../audit/index.js"
import type { FactorNotices } from "../factor-notices/index.js"
import type {
  Admission,
  IssuedTokens,
  ProvedSignIn,
  SessionsService,
  SignInContext,
} from "../sessions/index.js"
import { admitted } from "../sessions/index.js"
import type { PasskeyCeremonies, PasskeyOptions, ProvedPasskey } from "./ceremonies.js"
import { passkeysRepository } from "./passkeys.repository.js"
import type { Assertion, Attestation } from "./passkeys.schemas.js"

export interface PasskeysDeps {
  database: Database
  ceremonies: PasskeyCeremonies
  limiter: Limiter
  notices: FactorNotices
  sessions: Pick<SessionsService, "admit" | "assertAllowedHere" | "rememberVisitor">
  /** Whether an account can be signed in to, as it is in a transaction. */
  hasWayIn(trx: Db, accountId: string): Promise<boolean>
  /** What a JSON call is bound to: its app. */
  bindingOf(context: RequestContext): string
}

export type PasskeysService = ReturnType<typeof createPasskeysService>

const MAX_PASSKEYS = 20

export function createPasskeysService(deps: PasskeysDeps) {
  const { database, ceremonies, limiter, notices, sessions, hasWayIn, bindingOf } = deps

  return {
    list: (accountId: string) => passkeysRepository(database.db).listOf(accountId),

    /** @throws Problem `account.email-unverified`, `passkey.too-many` */
    async beginRegistration(account: Account): Promise<PasskeyOptions> {
      if (!account.emailVerified) throw new Problem("account.email-unverified")
      if ((await passkeysRepository(database.db).countAll(account.id)) >= MAX_PASSKEYS) {
        throw new Problem("passkey.too-many")
      }
      return ceremonies.registrationOptions(account)
    },

    /**
     * @throws Problem `passkey.registration-invalid`, `passkey.too-many`, `account.email-unverified`,
     *   `request.too-many`
     */
    async register(
      account: Account,
      { response, name }: { response: Attestation; name: string },
      context: RequestContext,
    ) {
      await limiter.admit("new-passkey", counterKey(account.id))
      const made = await ceremonies.verifyAttestation(response, account)
      if (!made) {
        await noteRefusal(account.id, context)
        throw new Problem("passkey.registration-invalid")
      }

      const outcome = await database.transaction(async (trx) => {
        // Of several at once each waits for the one before, and then counts it.
        const locked = await accountsRepository(trx).lockById(account.id)
        if (!locked?.isActive || !locked.emailVerified) return new Problem("account.email-unverified")
        const passkeys = passkeysRepository(trx)
        if ((await passkeys.countAll(account.id)) >= MAX_PASSKEYS) return new Problem("passkey.too-many")
        const { transports } = response.response
        const passkey = { ...made, id: newId(), accountId: account.id, transports, name }
        if (!(await passkeys.insertPasskey(passkey))) return new Problem("passkey.registration-invalid")
        await record(trx, "passkey.added", account.id, passkey.id, context)
        await notices.changed(trx, locked, "passkey-added", context)
        return (await passkeys.listOf(account.id)).find(({ id }) => id === passkey.id)
      })

      if (outcome instanceof Problem) throw outcome
      if (!outcome) throw new Error("the passkey was not stored")
      return outcome
    },

    /** @throws Problem `passkey.not-found`, also for somebody else's */
    rename: (accountId: string, id: string, name: string, context: RequestContext) =>
      database.transaction(async (trx) => {
        const passkey = await passkeysRepository(trx).updateName(accountId, id, name)
        if (!passkey) throw new Problem("passkey.not-found")
        await record(trx, "passkey.renamed", accountId, id, context)
        return passkey
      }),

    /** @throws Problem `passkey.not-found`; `passkey.last` where nothing else is left to sign in with */
    async remove(accountId: string, id: string, context: RequestContext): Promise<void> {
      await database.transaction(async (trx) => {
        const account = await accountsRepository(trx).lockById(accountId)
        if (!account || !(await passkeysRepository(trx).deletePasskey(accountId, id))) {
          throw new Problem("passkey.not-found")
        }
        if (!(await hasWayIn(trx, accountId))) throw new Problem("passkey.last")
        await record(trx, "passkey.deleted", accountId, id, context)
        await notices.changed(trx, account, "passkey-deleted", context)
      })
    },

    beginSignIn: (boundTo: string): Promise<PasskeyOptions> =>
      ceremonies.assertionOptions({ purpose: "sign-in", boundTo }),

    /** @throws Problem `client.not-allowed-here`, `passkey.invalid` */
    async signIn(response: Assertion, context: SignInContext): Promise<IssuedTokens> {
      sessions.assertAllowedHere(context)
      return admitted(
        await prove(response, bindingOf(context), context, (trx, account, { amr }) =>
          sessions.admit(trx, account, amr, context),
        ),
      )
    },

    /** Who signs in by the OpenID Provider's pages; @throws Problem `passkey.invalid` */
    prove: (response: Assertion, boundTo: string, context: RequestContext): Promise<ProvedSignIn> =>
      prove(response, boundTo, context, async (trx, account, { amr }, at) => {
        await sessions.rememberVisitor(trx, account, context)
        return { accountId: account.id, at, amr }
      }),
  }

  async function prove<Result extends Admission<IssuedTokens> | ProvedSignIn>(
    response: Assertion,
    boundTo: string,
    context: RequestContext,
    work: (trx: Db, account: Account, proved: ProvedPasskey, at: number) => Promise<Result>,
  ): Promise<Result> {
    const proved = await ceremonies.verifyAssertion(response, { purpose: "sign-in", boundTo })
    const result =
      proved &&
      (await database.transaction(async (trx) => {
        const account = await accountsRepository(trx).lockById(proved.passkey.accountId)
        const at = account?.isActive && (await ceremonies.use(trx, proved, context))
        return at ? work(trx, account, proved, at) : undefined
      }))
    if (result) return result
    await noteRefusal(proved?.passkey.accountId, context)
    throw new Problem("passkey.invalid")
  }

  async function noteRefusal(accountId: string | undefined, source: AuditSource): Promise<void> {
    const event = { event: "passkey.refused", outcome: "failure", accountId } as const
    await insertAuditEvent(database.db, event, source)
  }
}

const record = (trx: Db, event: AuditEventName, accountId: string, passkeyId: string, source: AuditSource) =>
  insertAuditEvent(trx, { event, outcome: "success", accountId, detail: { passkey_id: passkeyId } }, source)
