import { systemClock } from "@gatepost/runtime"
import type Provider from "oidc-provider"
import { errors } from "oidc-provider"
import type { ServiceClients } from "../service-clients/index.js"
import { HASHED } from "./clients.js"

// SECURITY.md check 95.
const MAX_LIFE_SECONDS = 60

/** Secrets of service clients are stored as hashes, several at a time while one is rotated. */
export function compareHashes(provider: Provider, serviceClients: ServiceClients): void {
  const prototype = provider.Client.prototype as unknown as {
    compareClientSecret(actual: string): boolean | Promise<boolean>
  }
  const compare = prototype.compareClientSecret
  prototype.compareClientSecret = function compareClientSecret(
    this: { clientId: string; clientSecret?: string },
    actual,
  ) {
    if (this.clientSecret !== HASHED) return compare.call(this as never, actual)
    return serviceClients.isSecret(this.clientId, actual)
  }
}

/**
 * Of an assertion by which a client proves itself (RFC 7523): for us alone, and for a minute at most, while the
 * provider remembers that it was used.
 *
 * @throws InvalidClientAuth
 */
export function assertAssertion({ aud, exp }: { aud?: unknown; exp?: unknown }, issuer: string): void {
  const audiences = [aud].flat()
  if (audiences.length !== 1 || audiences[0] !== issuer)
    throw new errors.InvalidClientAuth("aud must be the issuer, and nothing else")
  if (typeof exp !== "number" || exp > systemClock.now() / 1000 + MAX_LIFE_SECONDS)
    throw new errors.InvalidClientAuth(`exp must be ${MAX_LIFE_SECONDS} seconds from now at most`)
}
