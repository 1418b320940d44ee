import { randomUUID } from "node:crypto"
import type { RequestHandler } from "express"
import type { Logger } from "../logger.js"
import type { Metrics } from "./metrics.js"

declare global {
  namespace Express {
    interface Locals {
      requestId: string
    }
  }
}

/** Names each request, and writes one line and one observation of it: never a path, query, header or body. */
export function accessLog(logger: Logger, metrics: Metrics): RequestHandler {
  return (req, res, next) => {
    const started = performance.now()
    const request_id = randomUUID()
    res.locals.requestId = request_id
    res.setHeader("X-Request-Id", request_id)
    res.once("close", () => {
      const ms = Math.round((performance.now() - started) * 10) / 10
      const labels = { method: req.method, route: String(req.route?.path ?? "none"), status: res.statusCode }
      metrics.requests.observe(labels, ms / 1000)
      logger.info({ request_id, ...labels, aborted: !res.writableFinished, ms }, "request")
    })
    next()
  }
}
