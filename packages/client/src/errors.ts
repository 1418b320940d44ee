export interface FieldError {
  /** JSON Pointer (RFC 6901) into what was sent. */
  pointer: string
  message: string
}

/** What the server says of a refusal (RFC 9457). */
export interface Problem {
  type?: string
  title: string
  status: number
  detail?: string
  instance?: string
  /** What to compare with: codes are never renamed. */
  code: string
  errors?: FieldError[]
  /** Of `mfa.required`. */
  mfa?: MfaChallenge
}

/** What stands between the first factor and the second: answer it with `answerMfa`. */
export interface MfaChallenge {
  challenge: string
  methods: ("totp" | "recovery_code" | "passkey")[]
  /** Seconds. */
  expires_in: number
}

/** The server understood, and refused. */
export class ApiError extends Error {
  override readonly name = "ApiError"
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string | undefined
  /** The faulty fields, of `request.invalid`. */
  readonly errors: readonly FieldError[]
  /** What to answer with `answerMfa`, of `mfa.required`. */
  readonly mfa: MfaChallenge | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(problem: Problem, retryAfterSeconds?: number) {
    super(problem.detail ?? problem.title)
    this.status = problem.status
    this.code = problem.code
    this.title = problem.title
    this.detail = problem.detail
    this.errors = problem.errors ?? []
    this.mfa = problem.mfa
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/**
 * `offline`: nothing came back. `timeout`: nothing in time. `unusable-answer`: something that is not from
 * Gatepost came back, such as a proxy's error page or the login page of a hotel's Wi-Fi.
 */
export type NetworkErrorReason = "offline" | "timeout" | "unusable-answer"

/** Nobody knows whether the server acted. The session stands; try again later. */
export class NetworkError extends Error {
  override readonly name = "NetworkError"
  readonly reason: NetworkErrorReason
  /** Of the unusable answer. */
  readonly status: number | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(
    reason: NetworkErrorReason,
    options: ErrorOptions & { status?: number; retryAfterSeconds?: number | undefined } = {},
  ) {
    super(`the server could not be reached: ${reason}`, options)
    this.reason = reason
    this.status = options.status
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** Nobody is signed in, or no longer the one who was when the call began. */
export class SignedOutError extends Error {
  override readonly name = "SignedOutError"

  constructor() {
    super("nobody is signed in")
  }
}
