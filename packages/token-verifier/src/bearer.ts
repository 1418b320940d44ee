import { STATUS_CODES } from "node:http"
import type { Caller } from "./caller.js"
import { TokenError } from "./errors.js"

// RFC 6750 §2.1: one or more spaces, then a b64token; RFC 9110 §11.1: schemes know no case.
const CREDENTIALS = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i
// RFC 6749 §3.3. Whatever passes can stand between quotes in a header.
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/

/** Takes the token out of an Authorization header; `undefined` when there is none or it is anything else. */
export function bearerToken(header: string | undefined): string | undefined {
  return header === undefined ? undefined : CREDENTIALS.exec(header)?.[1]
}

/** Throws `insufficient_scope` unless the caller has every one of these scopes (space-separated). */
export function assertScope(caller: Caller, scope: string): void {
  if (scopesOf(scope).every((name) => caller.scopes.has(name))) return
  throw new TokenError("insufficient_scope", "the access token lacks a scope that this needs", { scope })
}

/** The names in a space-separated list; throws a TypeError if that is not what it is. */
export function scopesOf(scope: string): string[] {
  if (!SCOPE.test(scope)) throw new TypeError("scope must be one or more names, with a space between")
  return scope.split(" ")
}

/** The WWW-Authenticate header that RFC 6750 §3 wants with this error; `undefined` with a 503. */
export function wwwAuthenticate(error: TokenError, realm = "gatepost"): string | undefined {
  if (error.status === 503) return undefined
  const challenge = `Bearer realm="${realm}"`
  // §3.1: a request without a token gets no error code.
  if (error.code === "token_missing") return challenge
  const code = error.code === "insufficient_scope" ? "insufficient_scope" : "invalid_token"
  const scope = error.scope === undefined ? "" : `, scope="${error.scope}"`
  return `${challenge}, error="${code}", error_description="${quotable(error.message)}"${scope}`
}

export interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** An RFC 9457 problem document, as text. */
  readonly body: string
}

/** The whole answer to a refused request, for any HTTP server. */
export function refusal(error: TokenError, realm?: string): Refusal {
  const { status, code, message: detail, retryAfterSeconds } = error
  const challenge = wwwAuthenticate(error, realm)
  return {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(challenge === undefined ? {} : { "www-authenticate": challenge }),
      ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
    },
    body: JSON.stringify({ type: "about:blank", title: STATUS_CODES[status], status, detail, code }),
  }
}

/** RFC 6750 §3 allows these characters; another would end the quotes, or the header. */
function quotable(text: string): string {
  return text.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, "'")
}
