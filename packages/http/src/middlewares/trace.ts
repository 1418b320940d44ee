import type { Tracer } from "@gatepost/tracing"
import type { RequestHandler } from "express"

declare global {
  namespace Express {
    interface Locals {
      traceId?: string
    }
  }
}

/**
 * Makes each request a span, the child of its W3C traceparent; it ends with the answer. As in the log: no path, no
 * query, no header, no address (check 119).
 */
export function traceRequests(tracer: Tracer): RequestHandler {
  return (req, res, next) => {
    const parent = req.headers.traceparent
    const span = tracer.begin({
      name: req.method,
      kind: "server",
      attributes: { "http.request.method": req.method, "gatepost.request_id": res.locals.requestId },
      parent: typeof parent === "string" ? parent : undefined,
    })
    res.locals.traceId = span.traceId
    res.once("close", () => {
      const route = req.route && String(req.route.path)
      if (route) span.rename(`${req.method} ${route}`)
      span.set({ "http.route": route, "http.response.status_code": res.statusCode })
      span.end(res.statusCode >= 500 ? String(res.statusCode) : undefined)
    })
    tracer.within(span, next)
  }
}
