import type { Request } from "express"
import { markKnown } from "./middlewares/unknown-callers.js"
import { Problem, type ProblemCode } from "./problems/index.js"
import type { Access, Caller } from "./route.js"

// The codes of the token verifier's one error, and what we say to them.
const problemByTokenError: Record<string, ProblemCode> = {
  token_missing: "token.missing",
  token_invalid: "token.invalid",
  token_expired: "token.invalid",
  keys_unavailable: "server.unavailable",
  revocations_unavailable: "server.unavailable",
}

/** Makes the edge's question "who is this?" of a token verifier's: its errors become problems. */
export function authenticator<Known extends Caller>(
  verify: (req: Request) => Promise<Known>,
): (req: Request) => Promise<Known> {
  return async (req) => {
    // Two tokens are none: which of them counts would depend on who reads first (RFC 6750 section 2).
    if ((req.headersDistinct.authorization?.length ?? 0) > 1) throw new Problem("token.missing")
    try {
      return await verify(req)
    } catch (cause) {
      const { code: reason = "" } = cause as { code?: string }
      // Behind one address many may come whose tokens have just expired.
      if (reason === "token_expired" && req.res) markKnown(req.res)
      const code = problemByTokenError[reason]
      throw code ? new Problem(code) : cause
    }
  }
}

/** @throws Problem `token.scope-missing`, with the challenge that says which scope it takes (RFC 6750 section 3.1) */
export function assertAccess(caller: Caller, access: Exclude<Access, "public">): void {
  const [kinds, scope] = whoMay(access)
  if (kinds.includes(caller.kind) && caller.scopes.has(scope)) return
  const challenge = `Bearer realm="gatepost", error="insufficient_scope", scope="${scope}"`
  throw new Problem("token.scope-missing", { headers: { "WWW-Authenticate": challenge } })
}

function whoMay(access: Exclude<Access, "public">): [kinds: Caller["kind"][], scope: string] {
  if ("user" in access) return [["user"], access.user]
  if ("service" in access) return [["service"], access.service]
  return [["user", "service"], access.userOrService]
}
