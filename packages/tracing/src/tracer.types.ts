import type { Telemetry } from "bullmq"

export type SpanKind = "server" | "client" | "producer" | "internal"

/** What leaves this process of them is in attributes.ts. */
export type Attributes = Record<string, string | number | undefined>

/** A span that is to begin. */
export interface SpanSketch {
  /** Of few different ones: the pattern of a path, never the path. */
  name: string
  kind: SpanKind
  attributes?: Attributes
  /** W3C's, where the cause is elsewhere; what is under way here if unset. */
  parent?: string | undefined
}

export interface OpenSpan {
  /** W3C's name of this span, to be its children's parent. */
  readonly traceparent: string
  /** As logs name it: 32 hexadecimal digits. */
  readonly traceId: string
  rename(name: string): void
  set(attributes: Attributes): void
  /** @param failure what went wrong, if anything; only its type is kept */
  end(failure?: unknown): void
}

/** Makes spans, while this process traces. */
export interface Tracer {
  begin(sketch: SpanSketch): OpenSpan
  /** Runs `work` as part of a span: what begins meanwhile is its child. */
  within<Result>(span: OpenSpan, work: () => Result): Result
  /** The traceparent of what is under way; undefined outside of any trace that is kept. */
  current(): string | undefined
  /** What BullMQ calls telemetry. */
  readonly jobs: Telemetry
}
