import {
  authenticator,
  createApp,
  errorHandler,
  type Health,
  listen,
  type Metrics,
  mountRoutes,
  notFound,
  type RunningServer,
  unlimited,
} from "@gatepost/http"
import { createPostOffice, type Jobs } from "@gatepost/mail-queue"
import { type Database, isUnavailable } from "@gatepost/postgres"
import type { Logger } from "@gatepost/runtime"
import { bearerToken, createVerifier } from "@gatepost/token-verifier"
import { BOARD_PATH, createBoard } from "./board.js"
import type { Config } from "./config.js"
import { routes } from "./routes.js"

const BODY_LIMIT_BYTES = 16 * 1024

export interface AdminParts {
  config: Config
  database: Database
  jobs: Jobs
  logger: Logger
  health: Health
  metrics: Metrics
}

/**
 * The admin API, and Bull Board where there is a password for it, on a port of their own: never that of the
 * public. Nothing where ADMIN_PORT is unset.
 */
export async function openAdminPort(parts: AdminParts): Promise<RunningServer | undefined> {
  const { config, database, jobs, logger } = parts
  const { ADMIN_PORT: port, ADMIN_HOST: host, PUBLIC_URL: publicUrl } = config
  if (port === undefined || publicUrl === undefined) return undefined
  const verifier = createVerifier({
    issuer: `${publicUrl}/oidc`,
    audience: config.API_AUDIENCE ?? publicUrl,
    ...(config.JWKS_URL && { jwksUrl: config.JWKS_URL }),
    onKeysError: (err) => logger.warn({ err }, "the signing keys could not be fetched"),
  })

  const app = createApp({ ...parts, trustedProxyHops: 0, cors: { origins: [], credentials: false } })
  if (config.SERVICE_CLIENT_SECRET)
    app.use(BOARD_PATH, createBoard(jobs, config.SERVICE_CLIENT_SECRET.reveal()))
  const authenticate = authenticator((req) => verifier.verify(bearerToken(req.headers.authorization)))
  const options = { logger, limiter: unlimited, authenticate, bodyLimitBytes: BODY_LIMIT_BYTES }
  const api = mountRoutes(routes(createPostOffice(database)), options)
  app.use(api.direct).use(api.others)
  app.use(notFound)
  app.use(errorHandler({ logger, publicUrl, isUnavailable }))

  const server = await listen({ app, port, host, setting: "ADMIN_PORT" })
  logger.info(
    { host, port: server.port, board: Boolean(config.SERVICE_CLIENT_SECRET) },
    "the admin port is open",
  )
  return {
    port: server.port,
    async stop() {
      await server.stop()
      verifier.close()
    },
  }
}
