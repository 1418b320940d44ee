import { createVerifier, type RevocationOptions } from "@gatepost/token-verifier"
import express from "express"
import { createApp } from "./app.js"
import type { Config } from "./config.js"
import { openDatabase } from "./database/database.js"
import { createHealth } from "./http/health.js"
import { createMetrics } from "./http/metrics.js"
import { IN_FLIGHT_LIMIT_MS, listen } from "./http/server.js"
import { createLogger, type Logger } from "./logger.js"
import { createBatteryService } from "./modules/battery/index.js"
import type { Running } from "./process.js"

export type Parts = ReturnType<typeof wire>

// Time to close what the service works with, once no request is left.
const CLOSE_LIMIT_MS = 5_000

/** The composition root: who gets what. */
function wire(config: Config) {
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

/** Listens for the public, and for operators where METRICS_PORT is set. */
export async function start(config: Config): Promise<Running> {
  const parts = wire(config)
  const { logger, health, metrics, verifier, database } = parts
  const { PORT, METRICS_PORT, HOST: host, SHUTDOWN_DRAIN_SECONDS: drainSeconds } = config
  const server = await listen({ app: createApp(parts), port: PORT, host, setting: "PORT", health })
  const operators =
    METRICS_PORT === undefined
      ? undefined
      : await listen({ app: operatorApp(), port: METRICS_PORT, host, setting: "METRICS_PORT", health })

  return {
    port: server.port,
    logger,
    stopLimitMs: drainSeconds * 1000 + IN_FLIGHT_LIMIT_MS + CLOSE_LIMIT_MS,
    async stop() {
      await server.stop(drainSeconds)
      await operators?.stop(0)
      verifier.close()
      await database.close()
    },
  }

  function operatorApp() {
    const app = express().disable("x-powered-by").use(health.router)
    return app.get("/metrics", async (_req, res) => {
      res.type(metrics.registry.contentType).send(await metrics.registry.metrics())
    })
  }
}
