import { type Scope, scopes, userScopes } from "@gatepost/contracts"

/** In `client_id` of a role: it is one of this installation, not of an app. */
export const INSTALLATION = "*"

const ownScopes: ReadonlySet<Scope> = new Set(userScopes)

/** The roles of this installation. An admin may act on anybody, others on nobody who has one. */
export const builtInRoles: Record<string, { description: string; scopes: readonly Scope[] }> = {
  admin: {
    description: "May do everything",
    scopes: (Object.keys(scopes) as Scope[]).filter((scope) => !ownScopes.has(scope)),
  },
  support: {
    description: "Finds users, suspends them, ends their sessions, and has them sent password resets",
    scopes: ["users:read", "users:write"],
  },
}
