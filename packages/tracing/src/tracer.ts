// Holds the one tracer of this process. Nothing here imports OpenTelemetry: who doesn't trace doesn't load it.
import type { OpenSpan, SpanSketch, Tracer } from "./tracer.types.js"

let active: Tracer | undefined

/** Undefined while this process does not trace, which is the default. */
export const tracer = (): Tracer | undefined => active

export function setTracer(tracer: Tracer | undefined): void {
  active = tracer
}

/** W3C's traceparent of what is under way, to be stored with what it causes. */
export const currentTraceparent = (): string | undefined => active?.current()

/**
 * Runs `work` within a span of its own, if this process traces.
 *
 * @param work gets the span, and undefined where there is none; what it throws is thrown
 */
export async function traced<Result>(
  sketch: SpanSketch,
  work: (span: OpenSpan | undefined) => Promise<Result>,
): Promise<Result> {
  if (!active) return work(undefined)
  const span = active.begin(sketch)
  try {
    const result = await active.within(span, () => work(span))
    span.end()
    return result
  } catch (cause) {
    span.end(cause)
    throw cause
  }
}
