import { Problem, type RequestContext, type UserCaller } from "@gatepost/http"
import { forgetAddress, type Outbox } from "@gatepost/mail-queue"
import type { Database, Db } from "@gatepost/postgres"
import { randomToken, sha256, systemClock } from "@gatepost/runtime"
import {
  type Account,
  accountsDepartureRepository,
  accountsRepository,
  type Farewell,
  isGuest,
} from "../accounts/index.js"
import { type Apps, INSTALLATION } from "../apps/index.js"
import { type AuditSource, eraseAuditEvents, insertAuditEvent } from "../audit/index.js"
import type { PasswordResetService } from "../password-reset/index.js"
import { roleGrantsRepository } from "../role-grants/index.js"
import type { LiveSession, SessionStore, SessionsService, SignInPolicy } from "../sessions/index.js"
import { departuresRepository } from "./departures.repository.js"

export interface DeparturesDeps {
  database: Database
  apps: Apps
  outbox: Outbox
  passwordReset: PasswordResetService
  policy: Pick<SignInPolicy, "assertLevel">
  sessions: SessionsService
  store: SessionStore
  farewells: readonly Farewell[]
  options: { delaySeconds: number }
}

export type DeparturesService = ReturnType<typeof createDeparturesService>

// SECURITY.md section 2.
const FRESH_SECONDS = 300
const NOTICE_TTL_SECONDS = 86_400

/** Leaving for good (check 115). */
export function createDeparturesService(deps: DeparturesDeps) {
  const { database, apps, outbox, passwordReset, sessions, store, farewells, options } = deps

  return {
    /**
     * Deletes the caller's account: at once, or, where the operator gives time to think again, then. Every session
     * ends now.
     *
     * @returns when the account goes; nothing where it is gone
     * @throws Problem `token.scope-missing` for somebody else's app; `password.current-wrong`; without a password,
     *   `account-deletion.proof-needed` unless the caller signed in within five minutes; `role.last-admin`
     */
    async leave(caller: UserCaller, password: string | undefined, context: RequestContext) {
      if (!apps.find(caller.clientId)?.first_party) throw new Problem("token.scope-missing")
      await deps.policy.assertLevel(caller)
      const { account, authenticatedAt } = caller.state as LiveSession
      if (password !== undefined) await sessions.assertPassword(account, password, context)
      else if (systemClock.now() - authenticatedAt.getTime() > FRESH_SECONDS * 1000)
        throw new Problem("account-deletion.proof-needed")

      return database.transaction(async (trx) => {
        // The admins before the account: whoever changes them locks in this order.
        const hasOthers = await roleGrantsRepository(trx).lockOtherAdmins(account.id)
        const locked = await accountsDepartureRepository(trx).lockForDeletion(account.id)
        // Somebody else was faster: it is gone, or will be.
        if (!locked?.isActive) throw new Problem("token.invalid")
        if (!hasOthers && (await isAdmin(trx, account.id))) throw new Problem("role.last-admin")
        const own = { ...context, clientId: caller.clientId }
        if (options.delaySeconds > 0) return schedule(trx, locked, own)
        await remove(trx, locked, caller.clientId, own)
        return undefined
      })
    },

    /**
     * Keeps an account that was about to go; its owner signs in as ever, unless an operator has suspended it meanwhile.
     *
     * @throws Problem `account-deletion.token-invalid`
     */
    async keep(token: string, context: RequestContext): Promise<void> {
      const accountId = await departuresRepository(database.db).findByToken(sha256(token))
      const kept =
        accountId &&
        (await database.transaction(async (trx) => {
          await accountsRepository(trx).lockById(accountId)
          if (!(await accountsDepartureRepository(trx).withdrawDeletion(accountId))) return false
          const event = { event: "account.deletion-withdrawn", outcome: "success", accountId } as const
          await insertAuditEvent(trx, event, context)
          return true
        }))
      if (!kept) throw new Problem("account-deletion.token-invalid")
    },

    /** Deletes the accounts whose time has come, and guests who can't come back. */
    async sweep(): Promise<void> {
      for (const guestId of await departuresRepository(database.db).listAbandonedGuests()) {
        await database.transaction(async (trx) => {
          const guest = await accountsDepartureRepository(trx).lockForDeletion(guestId)
          // Since the look without the lock they may have told an address.
          if (guest && isGuest(guest)) await remove(trx, guest, undefined, {})
        })
      }
      for (const { accountId, clientId } of await departuresRepository(database.db).listDue()) {
        await database.transaction(async (trx) => {
          const account = await accountsDepartureRepository(trx).lockForDeletion(accountId)
          const isDue = account && (await departuresRepository(trx).deleteDeletion(accountId))
          // An operator who enabled it again keeps it.
          if (isDue && !account.isActive) await remove(trx, account, clientId, {})
        })
      }
    },
  }

  async function schedule(
    trx: Db,
    account: Account,
    context: RequestContext & { clientId: string },
  ): Promise<Date> {
    const { clientId } = context
    const app = apps.find(clientId) ?? apps.ofRequest(context)
    const token = randomToken()
    const { delaySeconds } = options
    const deletesAt = await departuresRepository(trx).upsertDeletion({
      accountId: account.id,
      tokenHash: sha256(token),
      clientId,
      delaySeconds,
    })
    await accountsDepartureRepository(trx).updateDisabled(account.id, true)
    await endAll(trx, account, context)
    const event = { event: "account.deletion-requested", outcome: "success", accountId: account.id } as const
    await insertAuditEvent(trx, { ...event, clientId }, context)
    await outbox.enqueue(trx, {
      kind: "account-deletion",
      recipient: account.email,
      // Not the request's language: it may be the thief's.
      locale: account.locale,
      payload: {
        ...apps.mailHeader(clientId, account),
        deletes_at: deletesAt.toISOString(),
        link: apps.link(app, "keep_account", token),
        expires_in_minutes: Math.ceil(delaySeconds / 60),
      },
      expiresInSeconds: delaySeconds,
    })
    return deletesAt
  }

  /**
   * Of a locked account, everything. Refresh tokens go before their sessions: a refresh that is under way has its
   * token and waits for its session, so the other way round each would wait for the other.
   */
  async function remove(
    trx: Db,
    account: Account,
    clientId: string | undefined,
    source: Partial<AuditSource>,
  ): Promise<void> {
    const { id, email, locale } = account
    for (const farewell of farewells) await farewell(trx, account)
    await store.deleteTokens(trx, id)
    await endAll(trx, account, source)
    const addresses = await accountsDepartureRepository(trx).deleteAccount(id)
    await insertAuditEvent(
      trx,
      { event: "account.deleted", outcome: "success", accountId: id, clientId },
      source,
    )
    await eraseAuditEvents(trx, id)
    for (const address of addresses) await forgetAddress(trx, address)
    if (!clientId || isGuest(account)) return
    await outbox.enqueue(trx, {
      kind: "account-deleted",
      recipient: email,
      locale,
      payload: { ...apps.mailHeader(clientId, account), deleted_at: new Date().toISOString() },
      expiresInSeconds: NOTICE_TTL_SECONDS,
    })
  }

  async function isAdmin(trx: Db, id: string): Promise<boolean> {
    const grants = await roleGrantsRepository(trx).listGrants(id)
    return grants.some(({ clientId, role }) => clientId === INSTALLATION && role === "admin")
  }

  async function endAll(trx: Db, { id }: Account, source: Partial<AuditSource>): Promise<void> {
    await passwordReset.endLinks(trx, id)
    await accountsRepository(trx).updateSignedOut(id)
    await store.endAll(trx, id, "account-deleted", source)
  }
}
