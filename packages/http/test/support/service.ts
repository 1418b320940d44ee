import { once } from "node:events"
import type { AddressInfo } from "node:net"
import {
  type AnyRoute,
  createApp,
  createHealth,
  createMetrics,
  errorHandler,
  type Limiter,
  mountRoutes,
  notFound,
  unlimited,
} from "@gatepost/http"
import { createLogger } from "@gatepost/runtime"
import supertest from "supertest"

/** A service of the given routes alone, and what it logs. */
export async function serviceOf(routes: AnyRoute[], limiter: Limiter = unlimited) {
  const lines: string[] = []
  const logger = createLogger("tests", "info", { write: (line: string) => void lines.push(line) })
  const health = createHealth({ service: "tests", version: "1", required: {} })
  const metrics = createMetrics("tests")
  const cors = { origins: [], credentials: false }
  const app = createApp({ logger, metrics, health, trustedProxyHops: 0, cors })
  const authenticate = () => Promise.reject(new Error("no route here asks"))
  app.get("/stream", (_req, res) => {
    res.type("text/event-stream").write(": hello\n\n")
  })
  const api = mountRoutes(routes, { logger, limiter, authenticate, bodyLimitBytes: 1_024 })
  app.use(api.direct).use(api.others)
  app.use(notFound)
  app.use(errorHandler({ logger, publicUrl: "http://localhost", isUnavailable: () => false }))

  const server = app.listen(0, "127.0.0.1")
  await once(server, "listening")
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    http: supertest(url),
    metrics,
    log: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}
