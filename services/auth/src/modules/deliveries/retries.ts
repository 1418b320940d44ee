import type { Delivery, Outcome, RetryPolicy, TryResult } from "./deliveries.types.js"

export type Next =
  | { kind: "ended"; outcome: Outcome }
  | { kind: "again"; inSeconds: number; refusals: number }

const FIRST_PAUSE_SECONDS = 5

/** After 5, 10, 20 s …, for as long as the policy says; a fifth more or less, so that what failed together does not return so. */
export function nextOf(delivery: Delivery, result: TryResult, policy: RetryPolicy): Next {
  if (result.kind === "delivered") return { kind: "ended", outcome: "delivered" }
  const refusals = delivery.refusals + (result.kind === "refused" ? 1 : 0)
  if (refusals >= policy.maxRefusals) return { kind: "ended", outcome: "refused" }

  const pause = Math.min(FIRST_PAUSE_SECONDS * 2 ** (delivery.tries - 1), policy.longestPauseSeconds)
  const inSeconds = pause * (0.8 + 0.4 * Math.random())
  if (delivery.age + inSeconds > policy.giveUpSeconds) return { kind: "ended", outcome: "expired" }
  return { kind: "again", inSeconds, refusals }
}
