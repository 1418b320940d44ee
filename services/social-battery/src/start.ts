import express from "express"
import { createApp } from "./app.js"
import type { Config } from "./config.js"
import { IN_FLIGHT_LIMIT_MS, listen } from "./http/server.js"
import type { Running } from "./process.js"
import { wire } from "./wiring.js"

// Time to close what the service works with, once no request is left.
const CLOSE_LIMIT_MS = 5_000

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
