import { userScopes } from "@gatepost/contracts"
import { type Clock, newId } from "@gatepost/runtime"
import type { Account } from "../accounts/index.js"
import type { Apps, Rights } from "../apps/index.js"
import { type SigningKeys, signJwt } from "../signing-keys/index.js"

/** The session an access token speaks for. */
export interface TokenSubject {
  account: Account
  sessionId: string
  clientId: string
  authenticatedAt: Date
  amr: readonly string[]
  scopes: readonly string[]
  roleGrants: readonly string[]
  oidcGrant: object | undefined
  /** The session's end. */
  expiresAt: Date
}

export interface AccessTokens {
  /** A first-party access token (RFC 9068, DESIGN.md D5), which never outlives its session, and its life in seconds. */
  issue(subject: TokenSubject): Promise<{ accessToken: string; expiresInSeconds: number }>
}

export interface AccessTokenOptions {
  issuer: string
  audience: string
  ttlSeconds: number
}

const API_SCOPES: ReadonlySet<string> = new Set(userScopes)

/** What every access token says of the person and the session, whichever door issued it (DESIGN.md D5). */
export const personClaims = (
  {
    account,
    sessionId,
    authenticatedAt,
    amr,
  }: Pick<TokenSubject, "account" | "sessionId" | "authenticatedAt" | "amr">,
  { roles }: Pick<Rights, "roles">,
) => ({
  sid: sessionId,
  user_id: account.id,
  ...(account.externalId && { external_id: account.externalId }),
  email: account.email,
  email_verified: account.emailVerified,
  roles,
  auth_time: Math.floor(authenticatedAt.getTime() / 1000),
  amr,
  acr: acrOf(amr),
})

/** How surely somebody is who they say (NIST SP 800-63B): `aal2` with more than one factor (RFC 8176, `mfa`). */
export const acrOf = (amr: readonly string[]): "aal1" | "aal2" => (amr.includes("mfa") ? "aal2" : "aal1")

export function createAccessTokens(deps: {
  apps: Apps
  keys: SigningKeys
  clock: Clock
  options: AccessTokenOptions
}): AccessTokens {
  const { apps, keys, clock, options } = deps

  return {
    async issue(subject) {
      const { account, clientId, expiresAt } = subject
      const rights = apps.rightsOf(subject)
      const scopes = [...subject.scopes.filter((scope) => API_SCOPES.has(scope)), ...rights.scopes]
      const iat = Math.floor(clock.now() / 1000)
      const exp = Math.min(iat + options.ttlSeconds, Math.floor(expiresAt.getTime() / 1000))
      const claims = {
        iss: options.issuer,
        sub: account.id,
        aud: options.audience,
        exp,
        iat,
        jti: newId(),
        client_id: clientId,
        scope: scopes.join(" "),
        ...personClaims(subject, rights),
      }
      const accessToken = await signJwt(keys.current(), "at+jwt", claims)
      return { accessToken, expiresInSeconds: exp - iat }
    },
  }
}
