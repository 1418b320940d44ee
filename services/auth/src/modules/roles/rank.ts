import { type Caller, Problem } from "@gatepost/http"
import { INSTALLATION } from "../apps/index.js"
import type { RoleGrant } from "../role-grants/index.js"
import type { LiveSession } from "../sessions/index.js"

const ADMIN = `${INSTALLATION} admin`

/**
 * Nobody acts on themselves by an admin's means; on those who have a role of the installation, admins alone.
 *
 * @throws Problem `role.not-allowed`
 */
export function assertMayActOn(caller: Caller, target: { id: string; grants: readonly RoleGrant[] }): void {
  const isAdmin = caller.kind === "user" && (caller.state as LiveSession).roleGrants.includes(ADMIN)
  const isSelf = caller.kind === "user" && caller.userId === target.id
  const isStaff = target.grants.some(({ clientId }) => clientId === INSTALLATION)
  if (isSelf || (isStaff && !isAdmin)) throw new Problem("role.not-allowed")
}
