import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { ConfigError } from "@gatepost/runtime"
import express from "express"
import type { Health } from "./health.js"
import type { Metrics } from "./metrics.js"

export interface ListenOptions {
  app: RequestListener
  port: number
  /** All addresses if unset. */
  host?: string | undefined
  /** The setting to name when the port is taken. */
  setting: string
  /** Told to drain first; without it the stop is immediate. */
  health?: Health
  /** How long requests are still served after `/readyz` said 503: what a load balancer needs to notice. */
  drainSeconds?: number
  /** 2,000 if unset. */
  maxConnections?: number | undefined
}

export interface RunningServer {
  port: number
  stop(): Promise<void>
}

// SECURITY.md section 2 and M11: Node's own limits are minutes. Keep-alive outlives a proxy's 60 s.
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16 * 1024,
}
const MAX_CONNECTIONS = 2_000
/** How long a stop waits for requests under way before it cuts them off. */
export const IN_FLIGHT_LIMIT_MS = 20_000

/** @throws ConfigError naming the setting when the port is taken */
export async function listen({
  app,
  port,
  host,
  setting,
  health,
  drainSeconds = 0,
  maxConnections = MAX_CONNECTIONS,
}: ListenOptions): Promise<RunningServer> {
  const server = createServer(LIMITS, (req, res) => {
    if (health?.isDraining()) res.setHeader("Connection", "close")
    app(req, res)
  })
  server.maxConnections = maxConnections
  await bind(server, { port, host }, setting)

  return {
    port: (server.address() as AddressInfo).port,
    // R1, M13: a plain close() resets the next request on each kept-alive connection.
    async stop() {
      health?.drain()
      await sleep(drainSeconds * 1000)
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      const idle = setInterval(() => server.closeIdleConnections(), 100)
      const force = setTimeout(() => server.closeAllConnections(), IN_FLIGHT_LIMIT_MS)
      server.closeIdleConnections()
      await closed
      clearInterval(idle)
      clearTimeout(force)
    },
  }
}

/** Probes and `/metrics` on a port of their own, away from the public. */
export function listenForOperators(options: {
  port: number
  host?: string | undefined
  metrics: Metrics
  health: Health
}): Promise<RunningServer> {
  const app = express().disable("x-powered-by").use(options.health.router)
  app.get("/metrics", async (_req, res) => {
    res.type(options.metrics.registry.contentType).send(await options.metrics.registry.metrics())
  })
  return listen({ app, port: options.port, host: options.host, setting: "METRICS_PORT" })
}

function bind(
  server: Server,
  address: { port: number; host: string | undefined },
  setting: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === "EADDRINUSE"
          ? new ConfigError(`${setting} ${address.port} is in use by another program`)
          : cause,
      )
    }
    server.once("error", refuse)
    server.listen(address, () => {
      server.off("error", refuse)
      resolve()
    })
  })
}
