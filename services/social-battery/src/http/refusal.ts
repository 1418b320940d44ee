/** Every refusal of our own beside those of the token: its code, status and words. */
const refusals = {
  request_malformed: [400, "The request could not be read"],
  request_invalid: [400, "The request has invalid fields"],
  request_not_found: [404, "There is nothing here"],
  request_method_not_allowed: [405, "This path has no such method"],
  request_too_large: [413, "The request body is too large"],
  request_media_type_unsupported: [415, "The request body must be JSON"],
  battery_not_yours: [403, "This battery is not yours"],
  idempotency_mismatch: [422, "This Idempotency-Key was used with another body"],
  server_unexpected: [500, "Something went wrong here"],
  server_unavailable: [503, "The service can't answer right now"],
} as const

export type RefusalCode = keyof typeof refusals

export interface FieldError {
  /** Where it is: `/note` in the body, `query/limit`, `header/…`. */
  pointer: string
  message: string
}

export interface RefusalOptions extends ErrorOptions {
  message?: string
  headers?: Record<string, string>
  errors?: FieldError[]
}

/** What a caller is told instead of an answer; never made of what they sent. */
export class Refusal extends Error {
  readonly code: string
  readonly status: number
  readonly headers: Record<string, string>
  readonly errors: FieldError[] | undefined

  constructor(code: RefusalCode, { message, headers = {}, errors, cause }: RefusalOptions = {}) {
    const [status, text] = refusals[code]
    super(message ?? text, { cause })
    this.code = code
    this.status = status
    this.headers = headers
    this.errors = errors
  }
}

/** @throws Refusal `request_invalid` about one place */
export function refuseField(pointer: string, message: string): never {
  throw new Refusal("request_invalid", { errors: [{ pointer, message }] })
}
