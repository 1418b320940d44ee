import type { RequestContext, UserCaller } from "@gatepost/http"
import type { Db } from "@gatepost/postgres"
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

/** A request that starts a session, with the device as its app names it, and what says that it is remembered. */
export type SignInContext = RequestContext & {
  deviceName?: string | undefined
  mfaDeviceToken?: string | undefined
  /** What a known device was given; null where it could keep one, and has none. */
  deviceToken?: string | null | undefined
}

/** What somebody proved of who they are, and where: an app, or a sign-in at the OpenID Provider. */
export interface FirstProof {
  /** RFC 8176. */
  amr: string[]
  boundTo: string
  mfaDeviceToken?: string | undefined
}

/** What stands between the first factor and the second; good once, where it began. */
export interface MfaChallenge {
  token: string
  methods: ("totp" | "recovery_code" | "passkey")[]
  expiresInSeconds: number
}

/** What of the account's second factor a sign-in has to have, and what a call. */
export interface SignInPolicy {
  /** In the transaction that holds the account as it was proved; nothing where the proof is enough. */
  demand(
    trx: Db,
    account: Account,
    proof: FirstProof,
    context: RequestContext,
  ): Promise<MfaChallenge | undefined>
  /** @throws Problem `mfa.step-up-required` where the account has a second factor, and the token was got without */
  assertLevel(caller: UserCaller): Promise<void>
  /** @throws Problem `mfa.step-up-required`, the same, and where the sign-in is older than five minutes */
  assertFresh(caller: UserCaller): Promise<void>
}

/** What becomes of somebody who proved the first factor. */
export type Admission<Result> =
  | { kind: "admitted"; result: Result }
  | { kind: "challenged"; challenge: MfaChallenge }

/** What a client holds after signing in. */
export interface IssuedTokens {
  accessToken: string
  refreshToken: string
  expiresInSeconds: number
  account: Account
  /** Where the device asked for it, and was not known yet. */
  deviceToken?: string | undefined
}

export type RevocationReason =
  | "logout"
  | "password-reset"
  | "password-changed"
  | "email-change-undone"
  | "refresh-reused"
  | "ended-by-user"
  | "account-deleted"
  | "address-proved"
  | "second-factor-changed"
  | "stepped-up"
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
  /** Where its session was refreshed too often of late. */
  secondsToWait: number | undefined
}

/** What became of a presented refresh token. */
export type RefreshLookup =
  | ({ kind: "usable" } & PresentedToken)
  /** Its successor was used already, or its time to be retried is over: somebody has a copy. */
  | ({ kind: "reused" } & PresentedToken)
