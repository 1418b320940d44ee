import { type Caller, Problem, type RequestContext } from "@gatepost/http"
import type { Database, Db } from "@gatepost/postgres"
import { accountsDepartureRepository, accountsRepository } from "../accounts/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { PasswordResetService } from "../password-reset/index.js"
import { roleGrantsRepository } from "../role-grants/index.js"
import { assertMayActOn } from "../roles/index.js"
import type { SessionStore } from "../sessions/index.js"
import { type AdminUserRecord, adminUsersRepository, type UserFilter } from "./admin-users.repository.js"

export interface AdminUsersDeps {
  database: Database
  store: SessionStore
  passwordReset: PasswordResetService
}

export type AdminUsersService = ReturnType<typeof createAdminUsersService>

/** What may be done to users by others. Nothing here reads or sets a password (check 112). */
export function createAdminUsersService({ database, store, passwordReset }: AdminUsersDeps) {
  const admin = adminUsersRepository(database.db)

  return {
    find,

    /** A page of users by address, and where the next one begins; or the one whose id or external id it is. */
    async search(filter: UserFilter): Promise<{ users: AdminUserRecord[]; next: string | undefined }> {
      const byId = filter.search && !filter.after && (await admin.findByAnyId(filter.search))
      if (byId) return { users: [byId], next: undefined }
      const users = await admin.listUsers({ ...filter, limit: filter.limit + 1 })
      if (users.length <= filter.limit) return { users, next: undefined }
      const page = users.slice(0, filter.limit)
      return { users: page, next: page.at(-1)?.email }
    },

    /**
     * Ends all sessions, and lets nobody in until it is undone.
     *
     * @throws Problem `user.not-found`, `role.not-allowed`, `role.last-admin`
     */
    async suspend(caller: Caller, id: string, reason: string | undefined, context: RequestContext) {
      await assertMayAct(caller, id)
      const outcome = await database.transaction(async (trx) => {
        // The admins before the account: whoever changes them locks in this order.
        if (!(await roleGrantsRepository(trx).lockOtherAdmins(id)) && (await isAdmin(trx, id)))
          return "last-admin"
        await accountsRepository(trx).lockById(id)
        if (!(await setSuspended(trx, id, true))) return "done"
        await accountsRepository(trx).updateSignedOut(id)
        await store.endAll(trx, id, "suspended", context)
        await audit(trx, "user.suspended", id, caller, context, reason)
        return "done"
      })
      if (outcome === "last-admin") throw new Problem("role.last-admin")
      return find(id)
    },

    /** @throws Problem `user.not-found`, `role.not-allowed` */
    async unsuspend(caller: Caller, id: string, context: RequestContext): Promise<AdminUserRecord> {
      await assertMayAct(caller, id)
      await database.transaction(async (trx) => {
        await accountsRepository(trx).lockById(id)
        if (await setSuspended(trx, id, false)) await audit(trx, "user.unsuspended", id, caller, context)
      })
      return find(id)
    },

    /** The live sessions of a user; @throws Problem `user.not-found` */
    async listSessions(id: string) {
      await find(id)
      return store.listLive(id)
    },

    /** @throws Problem `user.not-found`, `role.not-allowed`, `session.not-found` */
    async endSession(caller: Caller, id: string, sessionId: string, context: RequestContext): Promise<void> {
      await assertMayAct(caller, id)
      const session = await store.findLive(sessionId)
      if (session?.account.id !== id) throw new Problem("session.not-found")
      await store.end(sessionId, "ended-by-admin", context)
    },

    /** Every browser has to sign in anew as well. @throws Problem `user.not-found`, `role.not-allowed` */
    async endSessions(caller: Caller, id: string, context: RequestContext): Promise<void> {
      await assertMayAct(caller, id)
      await database.transaction(async (trx) => {
        await accountsRepository(trx).lockById(id)
        await accountsRepository(trx).updateSignedOut(id)
        await store.endAll(trx, id, "ended-by-admin", context)
      })
    },

    /** Sends the user a reset mail, as if they had asked for it. @throws Problem `user.not-found`, `role.not-allowed` */
    async startReset(caller: Caller, id: string, context: RequestContext): Promise<void> {
      const { email } = await assertMayAct(caller, id)
      await passwordReset.request(email, context)
    },
  }

  async function find(id: string): Promise<AdminUserRecord> {
    const user = await admin.findUser(id)
    if (!user) throw new Problem("user.not-found")
    return user
  }

  async function assertMayAct(caller: Caller, id: string): Promise<AdminUserRecord> {
    const user = await find(id)
    assertMayActOn(caller, { id, grants: await roleGrantsRepository(database.db).listGrants(id) })
    return user
  }

  /** Who is about to leave is disabled already, and stays so without a suspension. @returns whether it changed */
  async function setSuspended(trx: Db, id: string, suspended: boolean): Promise<boolean> {
    const isLeaverChanged = await accountsDepartureRepository(trx).updateLeaverSuspended(id, suspended)
    if (isLeaverChanged || !(await accountsRepository(trx).updateSuspended(id, suspended)))
      return isLeaverChanged
    // Whom an operator lets in stays, also if they suspend them again.
    if (!suspended) await accountsDepartureRepository(trx).withdrawDeletion(id)
    return true
  }

  async function isAdmin(trx: Db, id: string): Promise<boolean> {
    const grants = await roleGrantsRepository(trx).listGrants(id)
    return grants.some(({ clientId, role }) => clientId === "*" && role === "admin")
  }

  function audit(
    trx: Db,
    event: "user.suspended" | "user.unsuspended",
    accountId: string,
    caller: Caller,
    context: RequestContext,
    reason?: string,
  ): Promise<void> {
    const by = caller.kind === "user" ? caller.userId : caller.clientId
    const detail = { by, ...(reason && { reason }) }
    return insertAuditEvent(trx, { event, outcome: "success", accountId, detail }, context)
  }
}
