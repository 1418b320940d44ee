import type { Logger } from "@gatepost/runtime"
import { tracer } from "@gatepost/tracing"
import cors from "cors"
import express, { type Express, type Request, type RequestHandler } from "express"
import type { Health } from "./health.js"
import type { Limiter } from "./limits.js"
import type { Metrics } from "./metrics.js"
import { accessLog } from "./middlewares/access-log.js"
import { strictFraming } from "./middlewares/framing.js"
import { requestId } from "./middlewares/request-id.js"
import { securityHeaders } from "./middlewares/security-headers.js"
import { traceRequests } from "./middlewares/trace.js"
import { unknownCallers } from "./middlewares/unknown-callers.js"

export interface AppOptions {
  logger: Logger
  metrics: Metrics
  health: Health
  /** How many proxies in front may be believed about the client's address (M12). */
  trustedProxyHops: number
  cors: { origins: readonly string[]; credentials: boolean }
  /** Counts what nobody who is known is refused for; without it nobody counts. */
  limiter?: Limiter
  /** Calls that such refusals never stop: ways in with better limits of their own. */
  spares?: (req: Request) => boolean
}

// What a browser's script may read of an answer, beside its body.
const EXPOSED_HEADERS = ["ETag", "Retry-After", "WWW-Authenticate", "X-Request-Id"]

/** An Express app with what every service of ours puts in front of its routes, in this order. */
export function createApp(options: AppOptions): Express {
  const app = express()
  app.disable("x-powered-by").disable("etag")
  app.enable("case sensitive routing").enable("strict routing")
  app.set("trust proxy", options.trustedProxyHops)
  app.set("query parser", "simple")

  app.use(requestId)
  app.use(accessLog(options.logger, options.metrics))
  app.use(strictFraming)
  app.use(securityHeaders)
  app.use(options.health.router)
  const tracing = tracer()
  if (tracing) app.use(traceRequests(tracing))
  app.use(crossOrigin(options.cors))
  if (options.limiter) app.use(unknownCallers({ ...options, limiter: options.limiter }))
  return app
}

/** CORS for those who say where they come from; answers to all others differ from theirs, so caches must know. */
function crossOrigin({ origins, credentials }: AppOptions["cors"]): RequestHandler {
  const answer = cors({ origin: [...origins], credentials, maxAge: 600, exposedHeaders: EXPOSED_HEADERS })
  return (req, res, next) => {
    if (req.headers.origin !== undefined || req.method === "OPTIONS") return answer(req, res, next)
    res.setHeader("Vary", "Origin")
    next()
  }
}
