/** The members of a verified payload, deeply frozen. Members that Gatepost does not know are kept. */
export interface AccessTokenClaims {
  readonly iss: string
  readonly aud: string | readonly string[]
  readonly sub: string
  readonly jti: string
  readonly client_id: string
  readonly iat: number
  readonly exp: number
  readonly scope?: string
  readonly [claim: string]: unknown
}

/** What a person's token has beyond that. Only such tokens belong to a session. */
export interface UserTokenClaims extends AccessTokenClaims {
  readonly sid: string
  readonly email: string
  readonly email_verified?: boolean
  readonly roles?: readonly string[]
  readonly amr?: readonly string[]
  readonly auth_time?: number
  readonly acr?: string
}

interface TokenFacts {
  readonly clientId: string
  readonly scopes: ReadonlySet<string>
  /** `jti`: names the token, whatever its string looks like. */
  readonly tokenId: string
  readonly issuedAt: Date
  readonly expiresAt: Date
  readonly claims: AccessTokenClaims
}

/** A person, through an app. `userId` is who they are; an address may pass to somebody else one day. */
export interface UserCaller extends TokenFacts {
  readonly kind: "user"
  readonly userId: string
  readonly sessionId: string
  readonly email: string
  readonly emailVerified: boolean
  readonly roles: readonly string[]
  readonly authTime?: Date
  readonly amr: readonly string[]
  readonly acr?: string
}

/** A program that acts for itself (the client_credentials grant). */
export interface ServiceCaller extends TokenFacts {
  readonly kind: "service"
}

export type Caller = UserCaller | ServiceCaller

export function isUserToken(claims: AccessTokenClaims): claims is UserTokenClaims {
  return claims.sid !== undefined
}

/** Makes a new caller each time: two requests with one token share no set or date that either could change. */
export function toCaller(claims: AccessTokenClaims): Caller {
  const facts: TokenFacts = {
    clientId: claims.client_id,
    scopes: new Set(claims.scope?.split(" ").filter((scope) => scope !== "")),
    tokenId: claims.jti,
    issuedAt: toDate(claims.iat),
    expiresAt: toDate(claims.exp),
    claims,
  }
  return isUserToken(claims) ? toUserCaller(claims, facts) : { kind: "service", ...facts }
}

function toUserCaller(claims: UserTokenClaims, facts: TokenFacts): UserCaller {
  return {
    kind: "user",
    userId: claims.sub,
    sessionId: claims.sid,
    email: claims.email,
    emailVerified: claims.email_verified ?? false,
    roles: claims.roles ?? [],
    amr: claims.amr ?? [],
    ...(claims.auth_time === undefined ? {} : { authTime: toDate(claims.auth_time) }),
    ...(claims.acr === undefined ? {} : { acr: claims.acr }),
    ...facts,
  }
}

function toDate(numericDate: number): Date {
  return new Date(numericDate * 1000)
}
