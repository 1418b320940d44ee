import type { RequestContext } from "@gatepost/http"
import type { Account } from "../accounts/index.js"

/** A session that is neither revoked nor over, with its account as it is now. */
export interface LiveSession {
  id: string
  clientId: string
  authenticatedAt: Date
  amr: string[]
  scopes: string[]
  /** The OpenID Provider's grant, where the session came through that door. */
  oidcGrant: Record<string, unknown> | undefined
  expiresAt: Date
  account: Account
  /** What roles its person has, here and in the installation: `Apps.rightsOf` says what that means. */
  roleGrants: string[]
}

/** A request that starts a session, with the device as its app names it. */
export type SignInContext = RequestContext & { deviceName?: string | undefined }

/** What a client holds after signing in. */
export interface IssuedTokens {
  accessToken: string
  refreshToken: string
  expiresInSeconds: number
  account: Account
}

export type RevocationReason =
  | "logout"
  | "password-reset"
  | "password-changed"
  | "email-change-undone"
  | "refresh-reused"
  | "ended-by-user"
  | "oidc"
  | "suspended"
  | "ended-by-admin"
  | "role-taken"
  | "became-admin"

/** A refresh token of a live session, as somebody presents it. */
export interface PresentedToken {
  session: LiveSession
  salt: Buffer
  issuedAt: Date
  expiresAt: Date
  /** What the OpenID Provider keeps with its tokens; the JSON door's have none. */
  oidcPayload: Record<string, unknown> | undefined
}

/** What became of a presented refresh token. */
export type RefreshLookup =
  | ({ kind: "usable" } & PresentedToken)
  /** Its successor was used already, or its time to be retried is over: somebody has a copy. */
  | ({ kind: "reused" } & PresentedToken)
