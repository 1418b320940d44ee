import type { Request } from "express"
import { Problem, type ProblemCode } from "./problems/index.js"
import type { Caller } from "./route.js"

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
    try {
      return await verify(req)
    } catch (cause) {
      const code = problemByTokenError[(cause as { code?: string }).code ?? ""]
      throw code ? new Problem(code) : cause
    }
  }
}
