import type { JwksSettings, KeySource } from "./jwks.js"
import { httpUrl, number, text } from "./option-values.js"
import {
  type RevocationOptions,
  type RevocationSettings,
  readRevocationOptions,
} from "./revocation/options.js"

export interface VerifierOptions {
  /** `iss` exactly as the tokens have it, e.g. `https://id.example.com/oidc`. */
  issuer: string
  /** This API's name, which `aud` must contain. */
  audience: string
  /** Where the keys are. Default: `/.well-known/jwks.json` at the issuer's origin. */
  jwksUrl?: string | undefined
  /** Keys from this process instead of a URL. */
  keys?: KeySource
  /** Milliseconds since 1970. Default: `Date.now`. */
  clock?: () => number
  /** How many verified tokens are remembered; 0 for none. Default: 5000. */
  cacheSize?: number
  /** The longest `exp - iat` that is accepted. Default: 3600. */
  maxLifetimeSeconds?: number
  /**
   * At most one fetch of the keys starts in this time, so a new key may take as long; at the start, until there
   * are keys, one in a second. Default: 30.
   */
  cooldownSeconds?: number
  /** When to look for new keys at the latest, and so how soon a withdrawn one dies. Default: 300. */
  cacheMaxAgeSeconds?: number
  /** How much longer old keys serve while the key server is away. Default: 86400. */
  staleIfErrorSeconds?: number
  /** Time for one fetch of the keys. Default: 5. */
  timeoutSeconds?: number
  /** Size of the key set at most. Default: 65536. */
  maxBytes?: number
  /** Told of each failed fetch of the keys, so at most once per cool-down: tokens may still verify. */
  onKeysError?: (error: Error) => void
  /** Refuses tokens of sessions that were revoked; without it, tokens live until they expire. */
  revocation?: RevocationOptions | undefined
}

export interface VerifierSettings extends JwksSettings {
  readonly issuer: string
  readonly audience: string
  readonly source: { readonly url: string } | { readonly keys: KeySource }
  readonly cacheSize: number
  readonly maxLifetimeSeconds: number
  readonly revocation: RevocationSettings | undefined
}

/** Fills in the defaults; throws a TypeError that names the option that cannot work. */
export function readOptions(options: VerifierOptions): VerifierSettings {
  const clock = options.clock ?? Date.now
  return {
    issuer: text("issuer", options.issuer),
    audience: text("audience", options.audience),
    source: readSource(options),
    clock,
    cacheSize: number("cacheSize", options.cacheSize ?? 5000, 0),
    maxLifetimeSeconds: number("maxLifetimeSeconds", options.maxLifetimeSeconds ?? 3600, 1),
    cooldownSeconds: number("cooldownSeconds", options.cooldownSeconds ?? 30, 1),
    cacheMaxAgeSeconds: number("cacheMaxAgeSeconds", options.cacheMaxAgeSeconds ?? 300, 1),
    staleIfErrorSeconds: number("staleIfErrorSeconds", options.staleIfErrorSeconds ?? 86_400, 0),
    timeoutSeconds: number("timeoutSeconds", options.timeoutSeconds ?? 5, 0.1),
    maxBytes: number("maxBytes", options.maxBytes ?? 65_536, 1024),
    onKeysError: options.onKeysError,
    revocation: options.revocation && readRevocationOptions(options.revocation, options.issuer, clock),
  }
}

function readSource({ issuer, jwksUrl, keys }: VerifierOptions): VerifierSettings["source"] {
  if (keys && jwksUrl !== undefined) throw new TypeError("give either jwksUrl or keys")
  if (keys) return { keys }
  // Never from the discovery document: whoever poisons a cache in front of that would choose our keys.
  return { url: httpUrl("jwksUrl", jwksUrl ?? "/.well-known/jwks.json", issuer) }
}
