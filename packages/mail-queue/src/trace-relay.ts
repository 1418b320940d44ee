import { type OpenSpan, tracer } from "@gatepost/tracing"

/** What BullMQ keeps with a job, and its worker's span has as its parent. */
export type JobTelemetry = { metadata: string } | undefined

/**
 * Makes the move of each mail to its queue a span of the trace that caused the mail, as far as this process traces.
 *
 * @param traceparents of the mails, in their order; null for one that no trace caused
 * @param move gets what each job is to carry, in the same order
 */
export async function traceRelay<Result>(
  queue: string,
  traceparents: readonly (string | null)[],
  move: (telemetry: JobTelemetry[]) => Promise<Result>,
): Promise<Result> {
  const tracing = tracer()
  if (!tracing) return move(traceparents.map(() => undefined))
  const spans = traceparents.map((parent) =>
    parent === null
      ? undefined
      : tracing.begin({
          name: `relay ${queue}`,
          kind: "producer",
          attributes: { "bullmq.queue.name": queue },
          parent,
        }),
  )
  let failure: unknown
  try {
    return await move(spans.map(telemetryOf))
  } catch (cause) {
    failure = cause
    throw cause
  } finally {
    for (const span of spans) span?.end(failure)
  }
}

// The form of bullmq-otel.
const telemetryOf = (span: OpenSpan | undefined): JobTelemetry =>
  span && { metadata: JSON.stringify({ traceparent: span.traceparent }) }
