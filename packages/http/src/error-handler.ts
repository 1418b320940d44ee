import type { Logger } from "@gatepost/runtime"
import type { ErrorRequestHandler, RequestHandler, Response } from "express"
import { type DialectCall, dialectOf } from "./dialects.js"
import { toRefusal } from "./envelopes.js"
import { refusalOf } from "./middlewares/unknown-callers.js"
import { Problem, type ProblemCode } from "./problems/index.js"

export interface ErrorHandlerOptions {
  logger: Logger
  publicUrl: string
  /** Whether an unexpected error means that a needed part is away: 503 rather than 500. */
  isUnavailable(error: unknown): boolean
}

/** The last middleware: every error becomes one problem in the words of the path's dialect. */
export function errorHandler({ logger, publicUrl, isUnavailable }: ErrorHandlerOptions): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (res.headersSent) return next(error)
    const problem = refusalOf(toProblem(error, isUnavailable), res)
    const request_id = res.locals.requestId
    if (problem.status === 500) logger.error({ err: problem.cause, request_id }, "unexpected error")
    else if (problem.cause) logger.warn({ err: problem.cause, request_id, problem: problem.code }, "refused")
    sendProblem(res, problem, req.path, publicUrl)
  }
}

/** For whatever no route answered. */
export const notFound: RequestHandler = () => {
  throw new Problem("request.not-found")
}

function sendProblem(res: Response, problem: Problem, path: string, publicUrl: string): void {
  const dialect = dialectOf(path)
  const call = res.locals.call as DialectCall | undefined
  const refusal = toRefusal(problem, call?.problems?.[problem.code])
  res.status(refusal.status).set({ "Cache-Control": "no-store", ...challenge(problem), ...problem.headers })
  if (problem.status === 503 && !res.hasHeader("Retry-After")) res.setHeader("Retry-After", "2")
  res.type(dialect.contentType)
  res.send(JSON.stringify(dialect.envelope(refusal, { requestId: res.locals.requestId, publicUrl })))
}

/** RFC 6750 section 3: no error code where no token was sent. */
function challenge(problem: Problem): Record<string, string> {
  if (problem.code === "token.missing") return { "WWW-Authenticate": 'Bearer realm="gatepost"' }
  if (problem.code === "token.invalid") {
    return { "WWW-Authenticate": 'Bearer realm="gatepost", error="invalid_token"' }
  }
  return {}
}

const problemByBodyError: Record<string, ProblemCode> = {
  "entity.too.large": "request.too-large",
  "encoding.unsupported": "request.media-type-unsupported",
  "charset.unsupported": "request.media-type-unsupported",
}

function toProblem(error: unknown, isUnavailable: (error: unknown) => boolean): Problem {
  if (error instanceof Problem) return error
  if (isUnavailable(error)) return new Problem("server.unavailable", { cause: error })
  const { status, type } = error as { status?: number; type?: string }
  if (type && problemByBodyError[type]) return new Problem(problemByBodyError[type])
  // body-parser's and the router's own refusals quote the input, so their words never leave (M10).
  if (status && status >= 400 && status < 500) return new Problem("request.malformed")
  return new Problem("server.unexpected", { cause: error })
}
