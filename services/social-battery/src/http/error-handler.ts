import { TokenError, wwwAuthenticate } from "@gatepost/token-verifier"
import type { ErrorRequestHandler, RequestHandler } from "express"
import { isUnavailable } from "../database/is-unavailable.js"
import type { Logger } from "../logger.js"
import { Refusal, type RefusalCode } from "./refusal.js"

const RETRY_AFTER_SECONDS = "2"

/** For whatever no route answered. */
export const notFound: RequestHandler = () => {
  throw new Refusal("request_not_found")
}

/** The last middleware: every error becomes the one envelope that Introgy's clients read. */
export function errorHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    if (res.headersSent) return next(error)
    const refusal = error instanceof TokenError ? error : toRefusal(error)
    const { status, code, message, cause } = refusal
    const request_id = res.locals.requestId
    if (status === 500) logger.error({ err: cause, request_id }, "unexpected error")
    else if (cause && status === 503) logger.warn({ err: cause, request_id }, "refused")

    const headers = refusal instanceof TokenError ? headersOf(refusal) : refusal.headers
    if (status === 503) res.setHeader("Retry-After", RETRY_AFTER_SECONDS)
    res.set({ "Cache-Control": "no-store", ...headers })
    const errors = refusal instanceof Refusal ? refusal.errors : undefined
    res
      .status(status)
      .json({ error: code, detail: { message, ...(errors && { errors }) }, status_code: status })
  }
}

function headersOf(error: TokenError): Record<string, string> {
  const challenge = wwwAuthenticate(error)
  return {
    ...(challenge && { "WWW-Authenticate": challenge }),
    ...(error.retryAfterSeconds && { "Retry-After": String(error.retryAfterSeconds) }),
  }
}

const codeOfBodyError: Record<string, RefusalCode> = {
  "entity.too.large": "request_too_large",
  "encoding.unsupported": "request_media_type_unsupported",
}

function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (isUnavailable(error)) return new Refusal("server_unavailable", { cause: error })
  const { status = 500, type = "" } = error as { status?: number; type?: string }
  if (codeOfBodyError[type]) return new Refusal(codeOfBodyError[type])
  // The body parser's and the router's own refusals quote the input, so their words never leave.
  if (status >= 400 && status < 500) return new Refusal("request_malformed")
  return new Refusal("server_unexpected", { cause: error })
}
