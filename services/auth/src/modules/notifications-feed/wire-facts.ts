import { Fact } from "@gatepost/contracts"
import { deviceOf } from "../sessions/index.js"
import type { StoredFact } from "./notifications-feed.repository.js"

/** A fact as it is told; `undefined` for one that never can be. */
export function toWireFact({
  number,
  id,
  fact: { user_agent, device, ...fact },
}: StoredFact): Fact | undefined {
  const known = fact.kind === "security-event" ? { id, device: device ?? deviceNameOf(user_agent) } : {}
  const at = typeof fact.at === "string" ? { at: new Date(fact.at).toISOString() } : {}
  return Fact.safeParse({ ...fact, ...at, ...known, version: number }).data
}

const deviceNameOf = (userAgent: string | null | undefined) =>
  userAgent ? deviceOf(userAgent).slice(0, 200) : null
