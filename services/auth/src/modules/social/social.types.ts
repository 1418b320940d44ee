/** What an identity provider says of somebody, after all that can be checked was. */
export interface Vouched {
  provider: string
  /** Who they are for good: the two together, and nothing else (check 97). */
  issuer: string
  subject: string
  /** Our client there, by which its tokens are taken back. */
  upstreamClientId: string
  email: string | undefined
  /** That the provider has verified the address, in so many words. */
  emailVerified: boolean
  /** That nobody else gives out addresses of that domain. */
  isAuthoritative: boolean
  name: string | undefined
  refreshToken: string | undefined
}

/** What only the two ends of one attempt know. */
export interface AttemptSecrets {
  state: string
  nonce: string
  /** PKCE (RFC 7636). */
  verifier: string
}

export interface IdTokenProof {
  vouched: Vouched
  /** Its nonce, as the token has it: good once. */
  nonce: string
  expiresAt: Date
}

/** A provider as the rest of us know it. */
export interface Upstream {
  id: string
  name: string
  /** Where it sends people back to. */
  redirectUri: string
  /** Whether an app may bring an ID token that it got by itself. */
  takesIdTokens: boolean
  /** Whether somebody with a verified address here may be found by what the provider says of it. */
  linksByEmail: boolean
  /** Where a person goes to sign in there. */
  authorizationUrl(secrets: AttemptSecrets): Promise<string>
  /**
   * The end of a redirect: exchanges the code.
   *
   * @param answer the parameters that came back
   * @throws Problem `social.sign-in-invalid`, `social.provider-unavailable`
   */
  exchange(answer: URLSearchParams, secrets: AttemptSecrets): Promise<Vouched>
  /**
   * An ID token that an app got, for one of the clients that are ours there.
   *
   * @param nonce as the app made it: the token has it as it is, or its SHA-256
   * @param code with which Apple gives a refresh token, where the app has one
   * @throws Problem `social.sign-in-invalid`, `social.provider-unavailable`
   */
  verifyIdToken(idToken: string, nonce: string, code?: string): Promise<IdTokenProof>
  /**
   * Gives a refresh token back (RFC 7009), where the provider wants that of who leaves.
   *
   * @param clientId ours there, which the token was given to
   * @returns the answer's status
   * @throws Error where the provider can't be reached, or has a fault of its own
   */
  revoke?(refreshToken: string, clientId: string): Promise<number>
}
