import { SpanKind } from "@opentelemetry/api"
import {
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace"

/**
 * Which traces are kept. Only a request begins one: what timers, the relay's polls and BullMQ's housekeeping do
 * would drown them.
 *
 * @param ratio of the traces, whether their caller wants them kept or not. It goes by the trace's id, so every process
 *   of ours decides alike; a caller who chooses the id can have its own requests kept, or not
 */
export function requestsOnly(ratio: number): Sampler {
  const share = new TraceIdRatioBasedSampler(ratio)
  const root: Sampler = {
    shouldSample(context, traceId, _name, kind) {
      return kind === SpanKind.SERVER
        ? share.shouldSample(context, traceId)
        : { decision: SamplingDecision.NOT_RECORD }
    },
    toString: () => `requestsOnly(${ratio})`,
  }
  return new ParentBasedSampler({ root, remoteParentSampled: share, remoteParentNotSampled: share })
}
