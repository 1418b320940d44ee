import type { Delivery, Outcome } from "./backchannel-logout.types.js"

/** What came of one try. `refused` is a 400: the client took it for wrong, or could not log out. */
export interface TryResult {
  kind: "delivered" | "refused" | "failed" | "blocked"
  /** In a word or two. */
  answer: string
}

export type Next =
  | { kind: "ended"; outcome: Outcome }
  | { kind: "again"; inSeconds: number; refusals: number }

const FIRST_RETRY_SECONDS = 5
const LONGEST_RETRY_SECONDS = 900
const GIVE_UP_SECONDS = 86_400
// Back-Channel Logout section 2.8: 400 also says that the logout failed, which may be over in a minute.
const MAX_REFUSALS = 5

/** After 5, 10, 20 s … 15 min, for a day; a fifth more or less, so that what failed together does not return so. */
export function nextOf(delivery: Delivery, result: TryResult): Next {
  if (result.kind === "delivered") return { kind: "ended", outcome: "delivered" }
  const refusals = delivery.refusals + (result.kind === "refused" ? 1 : 0)
  if (refusals >= MAX_REFUSALS) return { kind: "ended", outcome: "refused" }

  const pause = Math.min(FIRST_RETRY_SECONDS * 2 ** (delivery.tries - 1), LONGEST_RETRY_SECONDS)
  const inSeconds = pause * (0.8 + 0.4 * Math.random())
  if (delivery.age + inSeconds > GIVE_UP_SECONDS) return { kind: "ended", outcome: "expired" }
  return { kind: "again", inSeconds, refusals }
}
