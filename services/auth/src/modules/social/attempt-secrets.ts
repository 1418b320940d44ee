import { createHmac } from "node:crypto"
import { randomToken, sha256 } from "@gatepost/runtime"
import type { AttemptSecrets } from "./social.types.js"

/**
 * What belongs to a state: made of it under a key of ours, so that it need not be stored, and who has the database has
 * none of it.
 */
export function attemptSecrets(key: Buffer) {
  const derive = (purpose: string, state: string) =>
    createHmac("sha256", key).update(`${purpose} ${state}`).digest("base64url")
  return {
    make: (): AttemptSecrets => secretsOf(randomToken()),
    of: secretsOf,
    /** What is stored of a state. */
    hash: (state: string): Buffer => sha256(state),
  }

  function secretsOf(state: string): AttemptSecrets {
    return { state, nonce: derive("nonce", state), verifier: derive("pkce", state) }
  }
}
