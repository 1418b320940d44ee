import { authenticator, type Caller, createApp, errorHandler, mountRoutes, notFound } from "@gatepost/http"
import { isUnavailable } from "@gatepost/postgres"
import { bearerToken, isApiKey } from "@gatepost/token-verifier"
import type { Express } from "express"
import { routes } from "./routes.js"
import type { Parts } from "./wiring.js"

// SECURITY.md section 2.
const BODY_LIMIT_BYTES = 64 * 1024

/** The notifications API's HTTP side, in the order in which a request meets it. */
export function createNotificationsApp(parts: Parts): Express {
  const { apiKeys, config, logger, verifier } = parts

  // 1. What every service has: request id, log, framing, headers, probes, CORS.
  const app = createApp({
    ...parts,
    trustedProxyHops: config.TRUSTED_PROXY_HOPS,
    cors: { origins: config.CORS_ORIGINS, credentials: config.CORS_CREDENTIALS },
  })
  // 2. The API in its dialects; a caller is known by the token alone, or by an API key.
  const authenticate = authenticator<Caller>(async (req) => {
    const token = bearerToken(req.headers.authorization)
    return token && apiKeys && isApiKey(token) ? apiKeys.verify(token) : verifier.verify(token)
  })
  const api = mountRoutes(routes(parts), { ...parts, authenticate, bodyLimitBytes: BODY_LIMIT_BYTES })
  app.use(api.direct).use(api.others)
  // 3. Whatever is left.
  app.use(notFound)
  app.use(errorHandler({ logger, publicUrl: config.PUBLIC_URL, isUnavailable }))
  return app
}
