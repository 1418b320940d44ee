import {
  authenticator,
  type Caller,
  callerKey,
  createApp,
  errorHandler,
  mountRoutes,
  notFound,
} from "@gatepost/http"
import { isUnavailable } from "@gatepost/postgres"
import { bearerToken, isApiKey } from "@gatepost/token-verifier"
import type { Express, Request } from "express"
import { demo } from "./demo/demo.js"
import { notificationStream, STREAM_PATHS } from "./modules/stream/index.js"
import { unsubscribePage } from "./pages/unsubscribe.page.js"
import { routes } from "./routes.js"
import type { Parts } from "./wiring.js"

// SECURITY.md section 2.
const BODY_LIMIT_BYTES = 64 * 1024

/** The notifications API's HTTP side, in the order in which a request meets it. */
export function createNotificationsApp(parts: Parts): Express {
  const { apiKeys, config, limiter, logger, verifier } = parts

  // 1. What every service has: request id, log, framing, headers, probes, CORS.
  const app = createApp({
    ...parts,
    trustedProxyHops: config.TRUSTED_PROXY_HOPS,
    cors: { origins: config.CORS_ORIGINS, credentials: config.CORS_CREDENTIALS },
  })
  // 2. The page behind the link that ends mails.
  app.use(unsubscribePage(parts))
  // 3. The API in its dialects; a caller is known by the token alone, or by an API key.
  const tokenOf = (req: Request) => bearerToken(req.headers.authorization)
  const authenticate = authenticator<Caller>(async (req) => {
    const token = tokenOf(req)
    if (token && apiKeys && isApiKey(token)) return apiKeys.verify(token)
    return verifier.recall(token) ?? verifier.verify(token)
  })
  // Recalled at once where it can be, since every live stream asks each second.
  const assertLive = async (req: Request) => {
    if (!verifier.recall(tokenOf(req))) await verifier.verify(tokenOf(req))
  }
  const person = authenticator(async (req) => {
    const caller = await verifier.verify(tokenOf(req))
    if (caller.kind === "user") await limiter.admit("caller", callerKey(caller))
    return caller
  })
  app.get(STREAM_PATHS, notificationStream({ ...parts, authenticate: person, assertLive }))
  const api = mountRoutes(routes(parts), { ...parts, authenticate, bodyLimitBytes: BODY_LIMIT_BYTES })
  app.use(api.direct).use(api.others)
  // 4. A page to look at the inbox with, then whatever is left.
  if (config.DEMO) app.use(demo())
  app.use(notFound)
  app.use(errorHandler({ logger, publicUrl: config.PUBLIC_URL, isUnavailable }))
  return app
}
