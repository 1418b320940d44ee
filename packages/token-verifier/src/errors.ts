const STATUS = {
  token_missing: 401,
  token_invalid: 401,
  token_expired: 401,
  insufficient_scope: 403,
  keys_unavailable: 503,
  revocations_unavailable: 503,
} as const

/** Why a request is refused. `…_unavailable` says nothing about the token: it could not be checked. */
export type TokenErrorCode = keyof typeof STATUS

export interface TokenErrorOptions extends ErrorOptions {
  /** The scopes that would have been enough, space-separated. */
  scope?: string
  retryAfterSeconds?: number
}

/**
 * The one error that `verify` and `assertScope` throw. `message` is one of our own sentences: it never
 * repeats anything of the token, so it may be logged and shown.
 */
export class TokenError extends Error {
  override readonly name = "TokenError"
  readonly code: TokenErrorCode
  /** The HTTP status that answers it. */
  readonly status: (typeof STATUS)[TokenErrorCode]
  readonly scope: string | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(code: TokenErrorCode, message: string, options: TokenErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.status = STATUS[code]
    this.scope = options.scope
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

export function refuse(reason: string, cause?: unknown): never {
  throw new TokenError("token_invalid", reason, cause === undefined ? {} : { cause })
}
