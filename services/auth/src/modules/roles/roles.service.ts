import { Problem, type RequestContext, type UserCaller } from "@gatepost/http"
import type { Database, Db } from "@gatepost/postgres"
import { accountsRepository } from "../accounts/index.js"
import { type Apps, builtInRoles, INSTALLATION } from "../apps/index.js"
import { insertAuditEvent } from "../audit/index.js"
import { type RoleGrant, roleGrantsRepository } from "../role-grants/index.js"
import type { SessionStore } from "../sessions/index.js"
import { assertMayActOn } from "./rank.js"

/** A role, and whose it is. */
export interface RoleOf {
  accountId: string
  /** `*`: of the installation. */
  clientId: string
  role: string
}

export type RolesService = ReturnType<typeof createRolesService>

export function createRolesService(deps: { database: Database; apps: Apps; store: SessionStore }) {
  const { database, apps, store } = deps

  return {
    /** Every role there is, and what it allows. */
    list: () => [
      ...entriesOf(INSTALLATION, builtInRoles),
      ...apps.list().flatMap(({ client_id, roles }) => entriesOf(client_id, roles)),
    ],

    /** @throws Problem `user.not-found` */
    async listOf(accountId: string): Promise<RoleGrant[]> {
      if (!(await accountsRepository(database.db).findById(accountId))) throw new Problem("user.not-found")
      return roleGrantsRepository(database.db).listGrants(accountId)
    },

    /**
     * Gives a role; giving it again changes nothing. Felt at once where the session is looked at, elsewhere from the
     * next token on.
     *
     * @throws Problem `role.unknown`, `role.not-allowed`, `user.not-found`
     */
    async give(caller: UserCaller, given: RoleOf, context: RequestContext): Promise<RoleGrant[]> {
      assertKnown(given)
      return database.transaction(async (trx) => {
        await assertMayChange(trx, caller, given.accountId)
        const isNew = await roleGrantsRepository(trx).insertGrant({ ...given, grantedBy: caller.userId })
        if (isNew) await audit(trx, "role.given", given, caller, context)
        return roleGrantsRepository(trx).listGrants(given.accountId)
      })
    },

    /**
     * Takes a role, and ends the sessions in which it counted, so that every verifier hears of it by the
     * revocation feed.
     *
     * @throws Problem `role.last-admin`, `role.not-allowed`, `role.not-given`, `user.not-found`
     */
    async take(caller: UserCaller, taken: RoleOf, context: RequestContext): Promise<RoleGrant[]> {
      const { accountId, clientId, role } = taken
      const outcome = await database.transaction(async (trx) => {
        const grants = await assertMayChange(trx, caller, accountId)
        if (!grants.some((grant) => grant.clientId === clientId && grant.role === role)) return "not-given"
        const isAdmin = clientId === INSTALLATION && role === "admin"
        const roles = roleGrantsRepository(trx)
        const isTaken = await (isAdmin
          ? roles.deleteAdmin(accountId)
          : roles.deleteGrant(accountId, clientId, role))
        if (!isTaken) return isAdmin ? "last-admin" : "not-given"

        await audit(trx, "role.taken", taken, caller, context)
        const of = clientId === INSTALLATION ? undefined : clientId
        await store.endAll(trx, accountId, "role-taken", context, undefined, of)
        return roles.listGrants(accountId)
      })
      if (outcome === "last-admin" || outcome === "not-given") throw new Problem(`role.${outcome}`)
      return outcome
    },
  }

  function assertKnown({ clientId, role }: RoleOf): void {
    const known = clientId === INSTALLATION ? builtInRoles : apps.find(clientId)?.roles
    if (!known || !Object.hasOwn(known, role)) throw new Problem("role.unknown")
  }

  /** @returns what the account has now */
  async function assertMayChange(trx: Db, caller: UserCaller, accountId: string): Promise<RoleGrant[]> {
    if (!(await accountsRepository(trx).findById(accountId))) throw new Problem("user.not-found")
    const grants = await roleGrantsRepository(trx).listGrants(accountId)
    assertMayActOn(caller, { id: accountId, grants })
    return grants
  }

  function audit(
    trx: Db,
    event: "role.given" | "role.taken",
    { accountId, clientId, role }: RoleOf,
    { userId }: UserCaller,
    context: RequestContext,
  ): Promise<void> {
    const facts = { accountId, clientId, detail: { role, by: userId } }
    return insertAuditEvent(trx, { event, outcome: "success", ...facts }, context)
  }
}

const entriesOf = (
  clientId: string,
  roles: Record<string, { description: string; scopes: readonly string[] }>,
) =>
  Object.entries(roles).map(([role, { description, scopes }]) => ({
    clientId,
    role,
    description,
    scopes: [...scopes],
  }))
