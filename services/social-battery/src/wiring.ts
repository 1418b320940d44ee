import { createVerifier, type RevocationOptions } from "@gatepost/token-verifier"
import type { Config } from "./config.js"
import { openDatabase } from "./database/database.js"
import { createHealth } from "./http/health.js"
import { createMetrics } from "./http/metrics.js"
import { createLogger, type Logger } from "./logger.js"
import { createBatteryService } from "./modules/battery/index.js"

export type Parts = ReturnType<typeof wire>

/** The composition root: who gets what. */
export function wire(config: Config) {
  const logger = createLogger(config.LOG_LEVEL)
  const database = openDatabase(config.DATABASE_URL, config.DB_POOL_SIZE, logger)
  const verifier = createVerifier({
    issuer: `${config.PUBLIC_URL}/oidc`,
    audience: config.API_AUDIENCE ?? config.PUBLIC_URL,
    jwksUrl: config.JWKS_URL,
    onKeysError: (err) => logger.warn({ err }, "the signing keys could not be fetched"),
    revocation: revocationOf(config, logger),
  })
  const keys = async () => {
    if (!(await verifier.ready())) throw new Error("no signing keys yet")
  }
  const health = createHealth({ database: database.ping, keys })
  const batteries = createBatteryService({ database })
  return { config, logger, database, verifier, health, metrics: createMetrics(), batteries }
}

/** How to follow which sessions were revoked, at the host that has the keys. */
function revocationOf(config: Config, logger: Logger): RevocationOptions | undefined {
  if (!config.SERVICE_CLIENT_SECRET) {
    logger.warn("no SERVICE_CLIENT_SECRET: the tokens of revoked sessions are taken until they expire")
    return undefined
  }
  const authUrl = config.JWKS_URL ?? config.PUBLIC_URL
  return {
    clientId: config.REVOCATION_CLIENT_ID,
    clientSecret: config.SERVICE_CLIENT_SECRET,
    tokenUrl: new URL("/oidc/token", authUrl).href,
    feedUrl: new URL("/v1/revocations", authUrl).href,
    onStale: (seconds, err) => logger.error({ err, seconds }, "there is no word of revocations"),
  }
}
