export { startTracing, type TracingSettings } from "./start.js"
export { currentTraceparent, traced, tracer } from "./tracer.js"
export type { Attributes, OpenSpan, SpanKind, SpanSketch, Tracer } from "./tracer.types.js"
