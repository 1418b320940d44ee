import type { Account } from "../accounts/index.js"

/** A session that is neither revoked nor over, with its account as it is now. */
export interface LiveSession {
  id: string
  clientId: string
  authenticatedAt: Date
  amr: string[]
  account: Account
}

/** What a client holds after signing in. */
export interface IssuedTokens {
  accessToken: string
  refreshToken: string
  expiresInSeconds: number
  account: Account
}

export type RevocationReason = "logout" | "password-reset" | "refresh-reused"

/** What became of a presented refresh token. */
export type RefreshLookup =
  | { kind: "usable"; session: LiveSession; salt: Buffer }
  /** Its successor was used already, or its time to be retried is over: somebody has a copy. */
  | { kind: "reused"; session: LiveSession }
