import { randomUUID } from "node:crypto"
import type { RequestHandler } from "express"

declare global {
  namespace Express {
    interface Locals {
      requestId: string
    }
  }
}

/** Names each request, in the answer's header, in its problem and in every log line. Clients can't choose it. */
export const requestId: RequestHandler = (_req, res, next) => {
  res.locals.requestId = randomUUID()
  res.setHeader("X-Request-Id", res.locals.requestId)
  next()
}
