import type { Scope } from "@gatepost/contracts"
import type { App } from "./apps.types.js"
import { builtInRoles, INSTALLATION } from "./built-in-roles.js"

/** A session, as far as it matters for what its person may do. */
export interface RightsHolder {
  clientId: string
  /** `<client id, or *> <role>` each. */
  roleGrants: readonly string[]
  /** The OpenID Provider's grant, where the session came through that door. */
  oidcGrant?: object | undefined
}

export interface Rights {
  roles: string[]
  /** Beyond those that every token of a person has. */
  scopes: Scope[]
}

/**
 * What a person may do by their roles, in one app. The installation's roles count in the operator's own apps, never in
 * somebody else's; and scopes come along at the JSON door alone, where a token is all that its person may do.
 */
export function rightsOf(app: App | undefined, { roleGrants, oidcGrant }: RightsHolder): Rights {
  const roles: string[] = []
  const scopes = new Set<Scope>()
  for (const grant of roleGrants) {
    const [clientId, name = ""] = grant.split(" ")
    const isOfInstallation = clientId === INSTALLATION && app?.first_party
    const role = isOfInstallation
      ? builtInRoles[name]
      : clientId === app?.client_id
        ? app?.roles[name]
        : undefined
    if (!role) continue
    roles.push(name)
    for (const scope of role.scopes) scopes.add(scope)
  }
  return { roles: roles.sort(), scopes: app?.first_party && !oidcGrant ? [...scopes] : [] }
}

/** What roles allow in any of the operator's own apps. */
export const scopesOf = (apps: readonly App[], roleGrants: readonly string[]): ReadonlySet<string> =>
  new Set(apps.flatMap((app) => rightsOf(app, { clientId: app.client_id, roleGrants }).scopes))
