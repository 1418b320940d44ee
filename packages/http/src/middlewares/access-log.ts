import type { Logger } from "@gatepost/runtime"
import type { RequestHandler } from "express"
import type { Metrics } from "../metrics.js"

/** One line and one observation per request: never the query, a header or a body (check 119). */
export function accessLog(logger: Logger, metrics: Metrics): RequestHandler {
  return (req, res, next) => {
    const started = performance.now()
    res.once("finish", () => {
      const milliseconds = performance.now() - started
      const route: string = req.route?.path ?? "none"
      metrics.observeRequest({ method: req.method, route, status: res.statusCode }, milliseconds / 1000)
      const level = res.statusCode >= 500 ? "warn" : "info"
      logger[level](
        {
          request_id: res.locals.requestId,
          method: req.method,
          route,
          status: res.statusCode,
          ms: Math.round(milliseconds * 10) / 10,
        },
        "request",
      )
    })
    next()
  }
}
