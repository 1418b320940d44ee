import { Problem, type UserCaller } from "@gatepost/http"
import { systemClock } from "@gatepost/runtime"
import type { LiveSession } from "./sessions.types.js"

// SECURITY.md check 111: keys, roles and the like are for somebody who is there, not for a session left open.
const FRESH_SECONDS = 900

/** @throws Problem `session.not-fresh` where the caller did not sign in within the last 15 minutes */
export function assertFresh({ state }: UserCaller): void {
  const age = systemClock.now() - (state as LiveSession).authenticatedAt.getTime()
  if (age > FRESH_SECONDS * 1000) throw new Problem("session.not-fresh")
}
