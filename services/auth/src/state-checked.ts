import { userScopes } from "@gatepost/contracts"
import { authenticator, type Caller, Problem } from "@gatepost/http"
import { bearerToken } from "@gatepost/token-verifier"
import type { Request } from "express"
import type { LiveSession } from "./modules/sessions/index.js"
import type { Parts } from "./wiring.js"

const OWN: ReadonlySet<string> = new Set(userScopes)

/**
 * Who sent a request. Here a token is only as good as its session, and its person's roles are those of now: a logout
 * or a change of roles is felt at once.
 */
export function stateChecked({ apps, store, verifier }: Pick<Parts, "apps" | "store" | "verifier">) {
  return authenticator(async (req: Request): Promise<Caller> => {
    const caller = await verifier.verify(bearerToken(req.headers.authorization))
    if (caller.kind === "service") return caller
    const state = await store.findLive(caller.sessionId)
    if (!state) throw new Problem("token.invalid")
    return { ...caller, scopes: scopesNow(caller.scopes, state), state }
  })

  function scopesNow(scopes: ReadonlySet<string>, session: LiveSession): ReadonlySet<string> {
    const byRole = apps.rightsOf(session).scopes
    const own = [...scopes].filter((scope) => OWN.has(scope))
    return new Set([...own, ...byRole])
  }
}
