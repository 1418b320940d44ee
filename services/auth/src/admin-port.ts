import {
  createApp,
  errorHandler,
  listen,
  mountRoutes,
  notFound,
  type RunningServer,
  unlimited,
} from "@gatepost/http"
import { isUnavailable } from "@gatepost/postgres"
import type { Express, Request } from "express"
import { adminRoutes } from "./admin-routes.js"
import { adminDocs } from "./docs/docs.js"
import { noteForbidden } from "./modules/audit/index.js"
import { stateChecked } from "./state-checked.js"
import type { Parts } from "./wiring.js"

const BODY_LIMIT_BYTES = 16 * 1024

/** What those use who look after users: on a port of its own, never that of the public (ADR 32). */
export function createAdminApp(parts: Parts): Express {
  const { config, logger } = parts
  const origins = config.AUTH_ADMIN_ORIGINS
  const app = createApp({
    ...parts,
    limiter: unlimited,
    trustedProxyHops: 0,
    cors: { origins, credentials: false },
  })
  const identify = stateChecked(parts)
  const authenticate = async (req: Request) => {
    const caller = await identify(req)
    if (caller.kind === "user") await parts.sessions.assertLevel(caller)
    return caller
  }
  const options = {
    logger,
    limiter: unlimited,
    authenticate,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    onForbidden: noteForbidden(parts.database.db),
  }
  const api = mountRoutes(adminRoutes(parts), options)
  app.use(api.direct).use(adminDocs(config.PUBLIC_URL)).use(api.others)
  app.use(notFound)
  app.use(errorHandler({ logger, publicUrl: config.PUBLIC_URL, isUnavailable }))
  return app
}

/** Nothing where AUTH_ADMIN_PORT is unset. @throws ConfigError when the port is taken */
export async function openAdminPort(parts: Parts): Promise<RunningServer | undefined> {
  const { AUTH_ADMIN_PORT: port, AUTH_ADMIN_HOST: host } = parts.config
  if (port === undefined) return undefined
  const server = await listen({ app: createAdminApp(parts), port, host, setting: "AUTH_ADMIN_PORT" })
  parts.logger.info({ host, port: server.port }, "the admin port is open")
  return server
}
