import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"

/** A figure that is looked up whenever somebody asks for the metrics. */
export interface LookedUpGauge {
  name: string
  help: string
  label: string
  /** A value for each value of the label; while this fails there are none. */
  values(): Promise<Record<string, number>>
}

export interface Metrics {
  registry: Registry
  gauge(gauge: LookedUpGauge): void
  observeRequest(labels: { method: string; route: string; status: number }, seconds: number): void
}

/** A registry of its own per app: the process's figures and each request's duration by route. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: "http_request_duration_seconds",
    help: "Duration of HTTP requests",
    labelNames: ["method", "route", "status"],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  })
  // One lookup instead of a check, a sort and a hash of the labels for each request.
  const children = new Map<string, ReturnType<typeof requests.labels>>()
  return {
    registry,
    observeRequest(labels, seconds) {
      const key = `${labels.method} ${labels.status} ${labels.route}`
      const child = children.get(key) ?? requests.labels(labels.method, labels.route, String(labels.status))
      children.set(key, child)
      child.observe(seconds)
    },
    gauge: ({ name, help, label, values }) => {
      const gauge = new Gauge({ name, help, labelNames: [label], registers: [registry], collect })
      async function collect(): Promise<void> {
        const found = await values().catch(() => ({}))
        gauge.reset()
        for (const [key, value] of Object.entries(found)) gauge.set({ [label]: key }, value)
      }
    },
  }
}
