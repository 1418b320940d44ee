import type { RequestListener } from "node:http"
import type { Process } from "@gatepost/runtime"
import type { Health } from "./health.js"
import type { Metrics } from "./metrics.js"
import { IN_FLIGHT_LIMIT_MS, listen, listenForOperators } from "./server.js"

// Time to close what the app works with, once no request is left.
const CLOSE_LIMIT_MS = 5_000

export interface ServeParts {
  config: {
    PORT: number
    HOST?: string | undefined
    METRICS_PORT?: number | undefined
    SHUTDOWN_DRAIN_SECONDS: number
  }
  logger: Process["logger"]
  health: Health
  metrics: Metrics
  /** How many may be open at once; 2,000 if unset. */
  maxConnections?: number
  /** Closes what the app works with, once no request is left. */
  close(): Promise<void>
}

/** Listens for the public, and for operators where METRICS_PORT is set; gives what `runProcess` runs. */
export async function serve(app: RequestListener, parts: ServeParts): Promise<Process> {
  const { config, health, metrics, logger } = parts
  const drainSeconds = config.SHUTDOWN_DRAIN_SECONDS
  const server = await listen({
    app,
    port: config.PORT,
    host: config.HOST,
    setting: "PORT",
    health,
    drainSeconds,
    maxConnections: parts.maxConnections,
  })
  const operators =
    config.METRICS_PORT === undefined
      ? undefined
      : await listenForOperators({ port: config.METRICS_PORT, host: config.HOST, health, metrics })

  return {
    port: server.port,
    logger,
    stopLimitMs: drainSeconds * 1000 + IN_FLIGHT_LIMIT_MS + CLOSE_LIMIT_MS,
    async stop() {
      await server.stop()
      await operators?.stop()
      await parts.close()
    },
  }
}
