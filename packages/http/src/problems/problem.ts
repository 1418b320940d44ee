import { catalogue, type ProblemCode } from "./catalogue.js"

export interface FieldError {
  /** JSON Pointer (RFC 6901) into the body, or `query/name`, `path/name`, `header/name`. */
  pointer: string
  message: string
}

export interface ProblemOptions {
  /** For the caller; never built from secrets. */
  detail?: string
  errors?: FieldError[]
  /** Further members of the answer (RFC 9457 section 3.2). */
  members?: Record<string, unknown>
  /** Extra response headers, such as `Retry-After`. */
  headers?: Record<string, string>
  /** For the log. */
  cause?: unknown
}

/** A refusal: services throw a code, and the catalogue knows its status and words. */
export class Problem extends Error {
  override readonly name = "Problem"
  readonly code: ProblemCode
  readonly detail: string | undefined
  readonly errors: FieldError[] | undefined
  readonly members: Record<string, unknown> | undefined
  readonly headers: Record<string, string>

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(code, { cause: options.cause })
    this.code = code
    this.detail = options.detail
    this.errors = options.errors
    this.members = options.members
    this.headers = options.headers ?? {}
  }

  get status(): number {
    return catalogue[this.code].status
  }
}
