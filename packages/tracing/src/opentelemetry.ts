// The only file, with its two neighbours, that imports OpenTelemetry; loaded where traces are asked for.

import type { Logger } from "@gatepost/runtime"
import {
  type Context,
  context,
  DiagLogLevel,
  diag,
  type Attributes as OtelAttributes,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api"
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks"
import { W3CTraceContextPropagator } from "@opentelemetry/core"
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http"
import { resourceFromAttributes } from "@opentelemetry/resources"
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace"
import { BullMQOtel } from "bullmq-otel"
import { withoutPersonalData } from "./attributes.js"
import { requestsOnly } from "./sampler.js"
import type { Attributes, OpenSpan, SpanSketch, Tracer } from "./tracer.types.js"

interface OpenTelemetryOptions {
  service: string
  url: string
  headers: Record<string, string>
  ratio: number
  logger: Logger
}

const EXPORT_TIMEOUT_MS = 3_000
const EXPORT_INTERVAL_MS = 1_000
const WARN_INTERVAL_MS = 60_000

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  internal: SpanKind.INTERNAL,
}

export function openTelemetry(options: OpenTelemetryOptions): { tracer: Tracer; shutdown(): Promise<void> } {
  const { service, url, headers, ratio } = options
  const exporter = new OTLPTraceExporter({ url, headers, timeoutMillis: EXPORT_TIMEOUT_MS })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": service, "service.namespace": "gatepost" }),
    sampler: requestsOnly(ratio),
    spanProcessors: [
      // A queue that is full drops spans: a collector that is away costs memory, and no more than this.
      new BatchSpanProcessor({
        exporter: withoutPersonalData(exporter),
        scheduledDelayMillis: EXPORT_INTERVAL_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  })
  // BullMQ's telemetry knows no other way than the globals.
  diag.setLogger(warnSeldom(options.logger), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  trace.setGlobalTracerProvider(provider)

  return {
    tracer: createTracer(),
    async shutdown() {
      for (const api of [trace, context, propagation]) api.disable()
      await provider.shutdown().catch(() => {})
    },
  }
}

function createTracer(): Tracer {
  const spans = new WeakMap<OpenSpan, Span>()
  const otel = trace.getTracer("gatepost")

  return {
    begin({ name, kind, attributes = {}, parent }: SpanSketch) {
      const above = parent === undefined ? context.active() : contextOf(parent)
      const span = otel.startSpan(name, { kind: KINDS[kind], attributes: given(attributes) }, above)
      const open = openSpan(span)
      spans.set(open, span)
      return open
    },
    within(open, work) {
      const span = spans.get(open)
      return span ? context.with(trace.setSpan(context.active(), span), work) : work()
    },
    current() {
      const found = trace.getSpanContext(context.active())
      return found && found.traceFlags & TraceFlags.SAMPLED ? traceparentOf(context.active()) : undefined
    },
    jobs: new BullMQOtel({ tracerName: "bullmq" }),
  }
}

function openSpan(span: Span): OpenSpan {
  const { traceId } = span.spanContext()
  return {
    traceparent: traceparentOf(trace.setSpan(ROOT_CONTEXT, span)) ?? "",
    traceId,
    rename: (name) => void span.updateName(name),
    set: (attributes) => void span.setAttributes(given(attributes)),
    end(failure) {
      if (failure !== undefined) {
        span.setStatus({ code: SpanStatusCode.ERROR })
        span.setAttribute("error.type", typeOf(failure))
      }
      span.end()
    },
  }
}

/** Never tracestate, which a stranger may fill with what he likes. */
const contextOf = (traceparent: string): Context => propagation.extract(ROOT_CONTEXT, { traceparent })

function traceparentOf(of: Context): string | undefined {
  const carrier: { traceparent?: string } = {}
  propagation.inject(of, carrier)
  return carrier.traceparent
}

const given = (attributes: Attributes): OtelAttributes =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined))

/** The kind of a failure; what it says may quote a row or an address. */
function typeOf(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure)
  const { code } = failure as { code?: unknown }
  return typeof code === "string" ? code : failure.name
}

/** A collector that is away is told of once a minute, not with each batch. */
function warnSeldom(logger: Logger) {
  let mutedUntil = 0
  const warn = (message: string) => {
    if (Date.now() < mutedUntil) return
    mutedUntil = Date.now() + WARN_INTERVAL_MS
    logger.warn({ reason: message.slice(0, 300) }, "traces were not delivered")
  }
  const ignore = () => {}
  return { error: warn, warn, info: ignore, debug: ignore, verbose: ignore }
}
