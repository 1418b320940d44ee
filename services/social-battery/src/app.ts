import { requireAuth } from "@gatepost/token-verifier"
import cors from "cors"
import express, { type Express, type RequestHandler } from "express"
import helmet from "helmet"
import { accessLog } from "./http/access-log.js"
import { errorHandler, notFound } from "./http/error-handler.js"
import { batteryRoutes } from "./modules/battery/index.js"
import { openApi } from "./openapi.js"
import type { Parts } from "./wiring.js"

// What a browser's script may read of an answer, beside its body.
const EXPOSED_HEADERS = ["Retry-After", "WWW-Authenticate", "X-Request-Id"]

/** The service's HTTP side, in the order in which a request meets it. */
export function createApp({ config, logger, metrics, health, verifier, batteries }: Parts): Express {
  const app = express()
  app.disable("x-powered-by").disable("etag")
  app.enable("case sensitive routing").enable("strict routing")
  app.set("query parser", "simple")

  // 1. Request id and log, headers, probes, CORS.
  app.use(accessLog(logger, metrics))
  app.use(securityHeaders)
  app.use(health.router)
  app.use(cors({ origin: config.CORS_ORIGINS, maxAge: 600, exposedHeaders: EXPOSED_HEADERS }))
  // 2. What the calls are.
  app.get("/social-battery/openapi.json", (_req, res) => void res.json(openApi))
  // 3. The calls. Whose they are is known by the token alone; how a bad one is answered, our error handler decides.
  const requireUser = requireAuth({ verifier, scope: "account", refusals: "next" })
  app.use(uncacheable, batteryRoutes(batteries, requireUser))
  // 4. Whatever is left.
  app.use(notFound)
  app.use(errorHandler(logger))
  return app
}

const uncacheable: RequestHandler = (_req, res, next) => {
  res.setHeader("Cache-Control", "no-store")
  next()
}

/** For JSON answers: nothing may be loaded, framed or sniffed. */
const securityHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
    },
  },
  crossOriginResourcePolicy: { policy: "cross-origin" },
})
