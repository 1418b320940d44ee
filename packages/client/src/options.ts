import { type Clock, systemClock } from "./clock.js"
import { originOf, readBaseUrl } from "./origins.js"
import { defaultStorage, type StorageAdapter } from "./storage.js"
import { defaultLocks, type Locks } from "./tab-lock.js"
import type { Fetch } from "./transport.js"

const DEFAULT_TIMEOUT_MS = 10_000

export interface ClientOptions {
  /** Where Gatepost is: `https://id.example.com`, with a path if it lives under one. */
  baseUrl: string
  /** The app that calls, by its `client_id`. Default: the server tells by the host. */
  clientId?: string
  /** Default: localStorage in browsers, memory elsewhere. */
  storage?: StorageAdapter
  /** Origins besides that of `baseUrl` that `fetch` sends the access token to. */
  origins?: readonly string[]
  /**
   * Whether this device keeps what it is known by after a sign-in, beyond sign-outs: then nobody's wrong passwords
   * keep its owner out, and no mail calls it new. Not for devices that many people share. Default: false.
   */
  keepDevice?: boolean
  /** How long an attempt waits for its answer; a refresh is waited for twice as long. Default: 10000. */
  timeoutMs?: number
  /** Default: the runtime's. */
  fetch?: Fetch
  /** Default: `navigator.locks`, where there are any. */
  locks?: Locks
  /** Default: `performance.now` and `setTimeout`. */
  clock?: Clock
  /** From 0 to below 1, for the length of pauses. Default: `Math.random`. */
  random?: () => number
}

/** Fills in the defaults. @throws TypeError naming the option that can't work */
export function readOptions(options: ClientOptions) {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, origins = [], clientId } = options
  const baseUrl = readBaseUrl(options.baseUrl)
  if (!(timeoutMs > 0)) throw new TypeError("timeoutMs must be a number above 0")
  for (const origin of origins) {
    if (!originOf(origin)) throw new TypeError("origins must be http or https URLs")
  }
  return {
    baseUrl,
    clientId,
    origins,
    timeoutMs,
    keepDevice: options.keepDevice ?? false,
    storage: options.storage ?? defaultStorage(),
    // Only what every keychain takes in a name.
    storageKey: `gatepost.${baseUrl}.${clientId ?? "default"}`.replace(/[^\w.-]+/g, "_"),
    // Named at each call: browsers want it called on the global object, and apps may wrap it later.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    locks: options.locks ?? defaultLocks(),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  } satisfies Record<string, unknown> & { fetch: Fetch }
}
