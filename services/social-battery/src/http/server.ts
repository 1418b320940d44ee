import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { ConfigError } from "../config.js"
import type { Health } from "./health.js"

export interface ListenOptions {
  app: RequestListener
  port: number
  /** All addresses if unset. */
  host: string | undefined
  /** The setting to name when the port is taken. */
  setting: string
  health: Health
}

export interface Server {
  port: number
  /** Goes on for `drainSeconds` while `/readyz` says 503, then finishes what is under way. */
  stop(drainSeconds: number): Promise<void>
}

// Node's own limits are minutes. Keep-alive outlives a proxy's 60 s.
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 65_000,
}
/** How long a stop waits for requests under way before it cuts them off. */
export const IN_FLIGHT_LIMIT_MS = 20_000

/** @throws ConfigError naming the setting when the port is taken */
export async function listen({ app, port, host, setting, health }: ListenOptions): Promise<Server> {
  const server = createServer(LIMITS, (req, res) => {
    if (health.isDraining()) res.setHeader("Connection", "close")
    app(req, res)
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const isTaken = cause.code === "EADDRINUSE"
      reject(isTaken ? new ConfigError(`${setting} ${port} is in use by another program`) : cause)
    })
    server.listen({ port, host }, resolve)
  })

  return {
    port: (server.address() as AddressInfo).port,
    async stop(drainSeconds) {
      health.drain()
      await sleep(drainSeconds * 1000)
      const closed = new Promise((resolve) => server.close(resolve))
      // Connections that fall idle only now have to be told as well.
      const idle = setInterval(() => server.closeIdleConnections(), 100)
      const force = setTimeout(() => server.closeAllConnections(), IN_FLIGHT_LIMIT_MS)
      await closed
      clearInterval(idle)
      clearTimeout(force)
    },
  }
}
