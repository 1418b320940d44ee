import { type AccessTokenClaims, isUserToken } from "./caller.js"
import { refuse } from "./errors.js"
import {
  assertUnambiguous,
  decodeText,
  type JsonObject,
  parseStrictObject,
  UNSAFE_NAMES,
} from "./strict-json.js"

// What jsonwebtoken leaves open. It checks alg, signature, iss, aud, nbf and exp, but takes a token without
// exp, with exp 1e999, of any typ, with an unknown crit, or with doubled members.

/** How far the clocks of issuer and verifier may stand apart. */
export const CLOCK_TOLERANCE_SECONDS = 30

// Ours have 1 KiB; Node's own limit for all headers together is 16.
const MAX_TOKEN_LENGTH = 8192
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/
const KID = /^[A-Za-z0-9_-]{1,128}$/
// RFC 9068 §4: an ID token or a logout token is no access token, even with our name as its audience.
const TYPES: readonly unknown[] = ["at+jwt", "application/at+jwt"]
// RFC 7515 §4.1.11: what must be understood and is not, must be refused; RFC 7797 and RFC 7516 have the others.
const REFUSED_HEADERS = ["crit", "b64", "zip"]

export interface TokenParts {
  readonly kid: string
  readonly payload: string
}

/** Reads what has to be known before there is a key. `jwk`, `jku`, `x5u` and `x5c` are never looked at. */
export function readParts(token: string): TokenParts {
  if (token.length > MAX_TOKEN_LENGTH) refuse("the token is longer than 8 KiB")
  const [, header, payload, signature] = COMPACT.exec(token) ?? []
  if (!header || !payload || !signature) refuse("the token is not a signed JWT")
  if (!isCanonical(signature)) refuse("the signature is not canonical base64url")
  return { kid: readKid(parseStrictObject(header, "header")), payload }
}

/** RFC 4648 §3.5: the last character has unused bits; with any but zeros it is one more spelling of a token. */
function isCanonical(base64url: string): boolean {
  const unpaired = base64url.length % 4
  if (unpaired === 0) return true
  return unpaired === 2 ? /[AQgw]$/.test(base64url) : unpaired === 3 && /[AEIMQUYcgkosw048]$/.test(base64url)
}

function readKid(header: JsonObject): string {
  if (header.alg !== "RS256") refuse("alg is not RS256")
  if (!TYPES.includes(header.typ)) refuse("typ is not at+jwt")
  if (REFUSED_HEADERS.some((name) => Object.hasOwn(header, name))) refuse("the header asks for an extension")
  const { kid } = header
  if (typeof kid !== "string" || !KID.test(kid) || UNSAFE_NAMES.has(kid)) refuse("kid is not a key id")
  return kid
}

/** Takes the payload part and what jsonwebtoken, having accepted `iss`, `aud` and `exp`, has parsed of it. */
export function readClaims(
  part: string,
  parsed: unknown,
  nowSeconds: number,
  maxLifetimeSeconds: number,
): AccessTokenClaims {
  const claims = assertUnambiguous(parsed, decodeText(part, "payload"), "payload")
  for (const name of ["sub", "jti", "client_id"]) assertText(claims, name)
  if (typeof claims.aud !== "string" && !isTextList(claims.aud)) refuse("aud is no string or list of strings")
  if (claims.scope !== undefined && typeof claims.scope !== "string") refuse("scope is not a string")
  // RFC 9449 section 7.1: a token bound to a key is not to be taken as a bearer token.
  if (claims.cnf !== undefined) refuse("the token is bound to a key, and no proof of it can be checked here")
  assertTimes(claims, nowSeconds, maxLifetimeSeconds)
  assertOwner(claims)
  return claims as AccessTokenClaims
}

function assertTimes(claims: JsonObject, nowSeconds: number, maxLifetimeSeconds: number): void {
  const { iat, exp, auth_time } = claims
  if (!isNumericDate(iat)) refuse("iat is missing or no integer")
  if (!isNumericDate(exp)) refuse("exp is missing or no integer")
  if (exp - iat > maxLifetimeSeconds) refuse("the token's lifetime is too long")
  if (auth_time !== undefined && !isNumericDate(auth_time)) refuse("auth_time is no integer")
  const latest = nowSeconds + CLOCK_TOLERANCE_SECONDS
  if (iat > latest || (auth_time ?? 0) > latest) refuse("the token is of the future")
}

/** A token is a person's, with a session, or its client's own. Nothing is in between. */
function assertOwner(claims: JsonObject): void {
  if (!isUserToken(claims as AccessTokenClaims)) {
    if (claims.sub !== claims.client_id) refuse("the token has neither a session nor its client as subject")
    return
  }
  for (const name of ["sid", "email"]) assertText(claims, name)
  if (claims.user_id !== undefined && claims.user_id !== claims.sub) refuse("user_id is not the subject")
  if (claims.acr !== undefined) assertText(claims, "acr")
  if (claims.email_verified !== undefined && typeof claims.email_verified !== "boolean") {
    refuse("email_verified is no boolean")
  }
  for (const name of ["roles", "amr"]) {
    if (claims[name] !== undefined && !isTextList(claims[name])) refuse(`${name} is no array of strings`)
  }
}

function assertText(claims: JsonObject, name: string): void {
  const value = claims[name]
  if (typeof value !== "string" || value === "") refuse(`${name} is missing or no string`)
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string")
}

function isNumericDate(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}
