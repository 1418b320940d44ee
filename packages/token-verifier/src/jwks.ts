import type { KeyObject } from "node:crypto"
import { TokenError } from "./errors.js"
import type { FetchLimits } from "./fetch-json.js"
import { createKeySetLoader, type KeySet } from "./key-set.js"

/**
 * Finds the public key of a key id, `undefined` when there is none; may reject when it cannot tell. Give the
 * same KeyObject for as long as the key is the same: remembered tokens hang on it.
 */
export type KeySource = (kid: string) => Promise<KeyObject | undefined>

export interface JwksSettings extends FetchLimits {
  readonly cooldownSeconds: number
  readonly cacheMaxAgeSeconds: number
  readonly staleIfErrorSeconds: number
  readonly clock: () => number
  readonly onKeysError: ((error: Error) => void) | undefined
}

export interface Jwks {
  readonly find: KeySource
  /** The key, where it is at hand and no fetch is due. */
  peek(kid: string): KeyObject | undefined
  /** Whether keys are at hand; tries to fetch them first when a fetch is due. */
  ready(): Promise<boolean>
}

// Without any keys there is nothing to serve, and nobody whom a flood of invented key ids could hurt.
const COLD_COOLDOWN_MS = 1000

/**
 * Keeps the whole key set of a URL. At most one fetch starts per cool-down, whatever is asked for, and a
 * failed one leaves the old keys in place. No timers: requests and `ready` are what makes it look.
 */
export function createJwks(url: string, settings: JwksSettings): Jwks {
  const { clock } = settings
  const freshMs = settings.cacheMaxAgeSeconds * 1000
  const usableMs = freshMs + settings.staleIfErrorSeconds * 1000
  const load = createKeySetLoader(url, settings)

  let keys: KeySet = new Map()
  let loadedAt = Number.NEGATIVE_INFINITY
  let attemptedAt = Number.NEGATIVE_INFINITY
  let failure: Error | undefined
  let flight: Promise<void> | undefined
  let cooldownMs = COLD_COOLDOWN_MS
  const age = (): number => clock() - loadedAt

  const peek = (kid: string): KeyObject | undefined => (isBetween(age(), freshMs) ? keys.get(kid) : undefined)

  async function find(kid: string): Promise<KeyObject | undefined> {
    await freshen()
    if (age() >= usableMs) throw unavailable()
    const known = keys.get(kid)
    if (known) return known
    await refresh()
    const added = keys.get(kid)
    // With the key server away, nobody can say whether this kid is new or invented.
    if (!added && failure) throw unavailable()
    return added
  }

  /**
   * A known key waits for no fetch while requests come steadily: the fetch of the soft end is over before the
   * hard one. After a pause one request waits, so that a key withdrawn meanwhile is not taken.
   */
  async function freshen(): Promise<void> {
    if (isBetween(age(), freshMs)) return
    const mayServe = age() < (failure ? usableMs : Math.min(usableMs, freshMs + cooldownMs))
    const refreshed = refresh()
    if (!mayServe) await refreshed
  }

  function refresh(): Promise<void> {
    if (flight) return flight
    if (isBetween(clock() - attemptedAt, cooldownMs)) return Promise.resolve()
    attemptedAt = clock()
    flight = replaceKeys(attemptedAt).finally(() => {
      flight = undefined
    })
    return flight
  }

  async function replaceKeys(startedAt: number): Promise<void> {
    try {
      keys = keepUnchanged(keys, await load())
      loadedAt = startedAt
      cooldownMs = settings.cooldownSeconds * 1000
      failure = undefined
    } catch (error) {
      failure = error instanceof Error ? error : new Error("the key set could not be read", { cause: error })
      report(failure)
    }
  }

  // Not called here: what a listener throws is its own fault, and must not look like a failed fetch.
  function report(error: Error): void {
    if (settings.onKeysError) queueMicrotask(() => settings.onKeysError?.(error))
  }

  function unavailable(): TokenError {
    const waitMs = Math.min(cooldownMs, Math.max(1, attemptedAt + cooldownMs - clock()))
    const retryAfterSeconds = Math.ceil(waitMs / 1000)
    return new TokenError("keys_unavailable", "the signing keys could not be fetched", {
      retryAfterSeconds,
      cause: failure,
    })
  }

  async function ready(): Promise<boolean> {
    await freshen()
    return age() < usableMs
  }

  return { find, peek, ready }
}

/** A clock that was set back makes an age negative: the keys still serve, but it is time to fetch. */
function isBetween(ageMs: number, limitMs: number): boolean {
  return ageMs >= 0 && ageMs < limitMs
}

function keepUnchanged(old: KeySet, fresh: KeySet): KeySet {
  const kept = new Map(fresh)
  for (const [kid, key] of old) {
    if (fresh.get(kid)?.equals(key)) kept.set(kid, key)
  }
  return kept
}
