import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace"

// Checks 106, 119: what is not named here leaves no process, whoever put it on a span. No addresses of people or
// machines of people, no tokens, no paths, queries, bodies, SQL, or what a failure says.
const ALLOWED = new Set([
  "http.request.method",
  "http.route",
  "http.response.status_code",
  "gatepost.request_id",
  "gatepost.mail.lane",
  "gatepost.mail.kind",
  "gatepost.mail.attempt",
  "gatepost.mail.outcome",
  "db.system.name",
  "db.operation.name",
  "server.address",
  "error.type",
  "bullmq.queue.name",
  "bullmq.queue.operation",
  "bullmq.job.id",
  "bullmq.job.name",
  "bullmq.job.attempts.made",
])

/** Passes on what the list above allows; never events, whose exceptions quote addresses and rows. */
export function withoutPersonalData(exporter: SpanExporter): SpanExporter {
  return {
    export: (spans, done) => exporter.export(spans.map(stripped), done),
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush && { forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve() }),
  }
}

const stripped = (span: ReadableSpan): ReadableSpan => ({
  name: span.name,
  kind: span.kind,
  spanContext: () => span.spanContext(),
  ...(span.parentSpanContext && { parentSpanContext: span.parentSpanContext }),
  startTime: span.startTime,
  endTime: span.endTime,
  duration: span.duration,
  ended: span.ended,
  status: { code: span.status.code },
  attributes: Object.fromEntries(Object.entries(span.attributes).filter(([name]) => ALLOWED.has(name))),
  links: [],
  events: [],
  resource: span.resource,
  instrumentationScope: span.instrumentationScope,
  droppedAttributesCount: 0,
  droppedEventsCount: 0,
  droppedLinksCount: 0,
})
