import { userScopes } from "@gatepost/contracts"
import { authenticator, type Caller, Problem } from "@gatepost/http"
import { bearerToken } from "@gatepost/token-verifier"
import type { Request } from "express"
import { isApiKey } from "./modules/api-keys/index.js"
import type { LiveSession } from "./modules/sessions/index.js"
import type { Parts } from "./wiring.js"

const OWN: ReadonlySet<string> = new Set(userScopes)

/**
 * Who sent a request. Here a token is only as good as its session, and its person's roles are those of now: a logout
 * or a change of roles is felt at once.
 */
export function stateChecked(
  parts: Pick<Parts, "apiKeys" | "apps" | "serviceClients" | "store" | "verifier">,
) {
  const { apiKeys, apps, serviceClients, store, verifier } = parts
  return authenticator(async (req: Request): Promise<Caller> => {
    const token = bearerToken(req.headers.authorization)
    if (token && isApiKey(token)) return assertValid(await apiKeys.verify(token))
    const caller = await verifier.verify(token)
    if (caller.kind === "service")
      return assertValid((await serviceClients.isLive(caller.clientId)) ? caller : undefined)
    const state = assertValid(await store.findLive(caller.sessionId))
    return { ...caller, scopes: scopesNow(caller.scopes, state), state }
  })

  function scopesNow(scopes: ReadonlySet<string>, session: LiveSession): ReadonlySet<string> {
    const byRole = apps.rightsOf(session).scopes
    const own = [...scopes].filter((scope) => OWN.has(scope))
    return new Set([...own, ...byRole])
  }
}

/** @throws Problem `token.invalid` */
function assertValid<Found>(found: Found | undefined): Found {
  if (found === undefined) throw new Problem("token.invalid")
  return found
}
