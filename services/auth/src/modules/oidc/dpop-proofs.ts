import { systemClock } from "@gatepost/runtime"

const MAX_AGE_SECONDS = 60

/**
 * A proof is good for a minute around its making (check 96; RFC 9449 section 11.1), and the provider
 * would take five: one that is no proof stands in for an old one, and is refused as the endpoint refuses.
 */
export function recentProof(proof: string): string {
  const age = Math.abs(systemClock.now() / 1000 - madeAt(proof))
  return age <= MAX_AGE_SECONDS ? proof : "too old or too new"
}

/** Seconds since 1970; NaN where the proof says nothing. The provider looks at everything else. */
function madeAt(proof: string): number {
  try {
    const { iat } = JSON.parse(Buffer.from(proof.split(".")[1] ?? "", "base64url").toString())
    return typeof iat === "number" ? iat : Number.NaN
  } catch {
    return Number.NaN
  }
}
