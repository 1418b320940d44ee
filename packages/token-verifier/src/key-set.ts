import { createPublicKey, type KeyObject } from "node:crypto"
import jwksRsa from "jwks-rsa"
import { type FetchLimits, fetchJson } from "./fetch-json.js"

/** The usable public keys of one key set, by key id. */
export type KeySet = ReadonlyMap<string, KeyObject>

const MIN_MODULUS_BITS = 2048

/**
 * Downloads a key set and keeps what can verify RS256; rejects when nothing is left. jwks-rsa's own cache
 * and rate limit stay off: under tokens with invented key ids the one fetches each time, the other locks out
 * good keys. When to fetch is decided in jwks.ts.
 */
export function createKeySetLoader(url: string, limits: FetchLimits): () => Promise<KeySet> {
  const client = jwksRsa({
    jwksUri: url,
    cache: false,
    rateLimit: false,
    fetcher: async () => ({ keys: usableJwks(await fetchJson(url, limits)) }),
  })

  return async () => {
    const keys = new Map<string, KeyObject>()
    for (const signingKey of await client.getSigningKeys()) {
      const key = createPublicKey(signingKey.getPublicKey())
      const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
      if (bits >= MIN_MODULUS_BITS && !keys.has(signingKey.kid)) keys.set(signingKey.kid, key)
    }
    if (keys.size === 0) throw new Error("the key set has no RSA key of 2048 bits or more")
    return keys
  }
}

/** One odd member must not cost us the whole set, so it is left out before jwks-rsa sees it. */
function usableJwks(document: unknown): unknown[] {
  const keys = (document as { keys?: unknown } | null)?.keys
  if (!Array.isArray(keys)) throw new Error("the key server sent no key set")
  return keys.filter(isUsable)
}

function isUsable(jwk: unknown): boolean {
  if (jwk === null || typeof jwk !== "object") return false
  const { kty, use, alg, kid } = jwk as Record<string, unknown>
  return (
    kty === "RSA" &&
    (use === undefined || use === "sig") &&
    (alg === undefined || alg === "RS256") &&
    typeof kid === "string"
  )
}
