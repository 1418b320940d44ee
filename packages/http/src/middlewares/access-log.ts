import type { Logger } from "@gatepost/runtime"
import type { Request, RequestHandler } from "express"
import type { Metrics } from "../metrics.js"

// nginx's word for a client that left before its answer began; it is never sent.
const CLIENT_CLOSED_REQUEST = 499
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])

/**
 * One line and one observation per request, aborted ones too: never the query, a header or a body
 * (check 119). An event stream lasts as long as its reader, so it would only distort the durations.
 */
export function accessLog(logger: Logger, metrics: Metrics): RequestHandler {
  return (req, res, next) => {
    const started = performance.now()
    res.once("close", () => {
      const milliseconds = performance.now() - started
      const route = routeOf(req)
      const aborted = !res.writableFinished
      const status = aborted && !res.headersSent ? CLIENT_CLOSED_REQUEST : res.statusCode
      const streamed = String(res.getHeader("Content-Type")).startsWith("text/event-stream")
      const method = METHODS.has(req.method) ? req.method : "other"
      if (!streamed) metrics.observeRequest({ method, route, status }, milliseconds / 1000)
      const level = status >= 500 ? "warn" : "info"
      if (!logger.isLevelEnabled(level)) return
      logger[level](
        {
          request_id: res.locals.requestId,
          trace_id: res.locals.traceId,
          method: req.method,
          route,
          status,
          aborted,
          ms: Math.round(milliseconds * 10) / 10,
        },
        "request",
      )
    })
    next()
  }
}

/** The pattern of the route that answers the method; whatever else is asked for has none, so that strangers make no labels. */
function routeOf({ route }: Request): string {
  return route && !route.methods._all ? route.path : "none"
}
