import type { IncomingMessage, ServerResponse } from "node:http"
import { assertScope, bearerToken, refusal, scopesOf } from "./bearer.js"
import type { Caller } from "./caller.js"
import { TokenError } from "./errors.js"
import type { Verifier } from "./verifier.js"

// Typed on Node's own request and response, so that the package needs no Express and fits 4, 5 and Connect.
declare global {
  namespace Express {
    interface Request {
      /** Set by `requireAuth`. */
      caller?: Caller
    }
  }
}

export interface RequireAuthOptions {
  verifier: Verifier
  /** Scopes that the token must have, space-separated. */
  scope?: string | undefined
  /** Default: `gatepost`. */
  realm?: string | undefined
  /** `next` leaves each `TokenError` to the app, whose errors have a form of their own. Default: `answer`. */
  refusals?: "answer" | "next" | undefined
}

export type GuardedRequest = IncomingMessage & { caller?: Caller }

export type Guard = (
  request: GuardedRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void>

/**
 * An Express middleware: sets `request.caller`, or answers 401, 403 or 503 itself. Errors that are none of
 * the token's go to `next`, and with `refusals: "next"` all of them.
 */
export function requireAuth({ verifier, scope, realm, refusals = "answer" }: RequireAuthOptions): Guard {
  if (scope !== undefined) scopesOf(scope)

  return async (request, response, next) => {
    try {
      const token = bearerToken(authorizationOf(request))
      const caller = verifier.recall(token) ?? (await verifier.verify(token))
      if (scope !== undefined) assertScope(caller, scope)
      request.caller = caller
    } catch (error) {
      const isOurs = error instanceof TokenError && refusals === "answer"
      return isOurs ? answer(response, error, realm) : next(error)
    }
    next()
  }
}

/** The caller of a request that `requireAuth` let through; throws where it does not stand in front. */
export function callerOf(request: GuardedRequest): Caller {
  if (!request.caller) throw new Error("callerOf needs requireAuth in front of the route")
  return request.caller
}

/** Node keeps the first of several and drops the rest, a proxy may have looked at the last: none is taken. */
function authorizationOf({ rawHeaders, headers }: IncomingMessage): string | undefined {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.length === 13 && rawHeaders[at]?.toLowerCase() === "authorization") count++
  }
  return count > 1 ? undefined : headers.authorization
}

function answer(response: ServerResponse, error: TokenError, realm: string | undefined): void {
  const { status, headers, body } = refusal(error, realm)
  response.writeHead(status, headers).end(body)
}
