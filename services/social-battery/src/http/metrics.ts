import { collectDefaultMetrics, Histogram, Registry } from "prom-client"

export type Metrics = ReturnType<typeof createMetrics>

/** The process's figures, and each request's duration by route. */
export function createMetrics() {
  const registry = new Registry()
  registry.setDefaultLabels({ service: "social-battery" })
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: "http_request_duration_seconds",
    help: "Duration of HTTP requests",
    labelNames: ["method", "route", "status"],
    registers: [registry],
  })
  return { registry, requests }
}
