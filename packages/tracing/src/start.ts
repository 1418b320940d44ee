import { setTimeout as sleep } from "node:timers/promises"
import type { Logger, Secret } from "@gatepost/runtime"
import { setTracer } from "./tracer.js"

/** `tracingSettings` of the runtime, as a service has read them. */
export interface TracingSettings {
  OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined
  OTEL_EXPORTER_OTLP_HEADERS?: Secret | undefined
  OTEL_TRACES_SAMPLER_ARG: number
}

// Less than what a stop may take: a collector that is away holds nobody up.
const FLUSH_LIMIT_MS = 2_000

/**
 * Has this process trace, where OTEL_EXPORTER_OTLP_ENDPOINT is set; without it nothing is even loaded. To be called
 * before what it makes is traced: the database, the queues, the app.
 *
 * @param service what the traces call this process
 * @returns `stop` sends what was not sent yet
 */
export async function startTracing(
  service: string,
  settings: TracingSettings,
  logger: Logger,
): Promise<{ stop(): Promise<void> }> {
  if (!settings.OTEL_EXPORTER_OTLP_ENDPOINT) return { async stop() {} }
  const { openTelemetry } = await import("./opentelemetry.js")
  const { tracer, shutdown } = openTelemetry({
    service,
    url: tracesUrl(settings.OTEL_EXPORTER_OTLP_ENDPOINT),
    headers: readHeaders(settings.OTEL_EXPORTER_OTLP_HEADERS?.reveal()),
    ratio: settings.OTEL_TRACES_SAMPLER_ARG,
    logger,
  })
  setTracer(tracer)

  return {
    async stop() {
      setTracer(undefined)
      await Promise.race([shutdown(), sleep(FLUSH_LIMIT_MS, undefined, { ref: false })])
    },
  }
}

// OTLP/HTTP: the endpoint is the base of the signals' paths.
const tracesUrl = (endpoint: string) => `${endpoint.replace(/\/$/, "")}/v1/traces`

// The format of W3C's baggage, whose values are percent-encoded.
const readHeaders = (list = ""): Record<string, string> =>
  Object.fromEntries(
    list
      .split(",")
      .filter(Boolean)
      .map((pair) => {
        const at = pair.indexOf("=")
        return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())]
      }),
  )
