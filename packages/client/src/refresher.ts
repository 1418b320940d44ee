import { askedToWaitMs } from "./backoff.js"
import { type Clock, limited } from "./clock.js"
import { ApiError, NetworkError } from "./errors.js"
import { persevere } from "./persevere.js"
import { isSameToken, type SessionRecord } from "./session-record.js"
import type { Held, ReceivedTokens, SessionStore } from "./session-store.js"
import { type Locks, withTabLock } from "./tab-lock.js"
import type { Transport } from "./transport.js"
import { isTokenResponse } from "./wire.js"

// REFRESH_RETRY_WINDOW: so long the server gives a repeated refresh the same successor.
const RETRY_WINDOW_MS = 60_000

export interface RefresherDeps {
  store: SessionStore
  transport: Transport
  locks: Locks | undefined
  clock: Clock
  random: () => number
  timeoutMs: number
  /** Aborted when the client is closed. */
  closed: AbortSignal
}

export interface RefreshOptions {
  /** A server refused the access token. */
  wasRefused?: boolean
  signal?: AbortSignal | null | undefined
}

export interface Refresher {
  /**
   * Gets new tokens, or those that another tab got meanwhile; ends the session if the server says that
   * it is over. After twice the timeout the caller is let go, and the refresh goes on without them.
   *
   * @throws ApiError, NetworkError: the session stands
   */
  refresh(held: Held, options?: RefreshOptions): Promise<void>
}

export function createRefresher(deps: RefresherDeps): Refresher {
  const { store, transport, locks, clock, random, timeoutMs, closed } = deps
  let flight: { id: string; landed: Promise<void> } | undefined
  let pause: { until: number; error: unknown } | undefined

  return { refresh }

  async function refresh({ record }: Held, options: RefreshOptions = {}): Promise<void> {
    if (flight?.id !== record.id) flight = takeOff(record, options.wasRefused ?? false)
    const { landed } = flight
    await limited(clock, () => landed, {
      timeoutMs: 2 * timeoutMs,
      signal: options.signal,
      lateError: () => new NetworkError("timeout"),
    })
  }

  function takeOff(record: SessionRecord, wasRefused: boolean) {
    const work = () => rotate(record, wasRefused)
    const name = `gatepost:refresh:${record.id}`
    const landed = withTabLock(locks, name, { clock, patienceMs: timeoutMs, work }).finally(() => {
      if (flight === started) flight = undefined
    })
    // Nobody may be left to hear of a failure.
    landed.catch(() => {})
    const started = { id: record.id, landed }
    return started
  }

  async function rotate(seen: SessionRecord, wasRefused: boolean): Promise<void> {
    if (!(await store.mark(seen))) return
    if (pause && clock.now() < pause.until) throw pause.error
    try {
      const received = await persevere((signal) => exchange(seen.refresh_token, signal), {
        clock,
        random,
        resendAfterMs: timeoutMs,
        windowMs: RETRY_WINDOW_MS,
        mayGoOn: () => isUnchanged(seen),
        signal: closed,
      })
      if (received) await store.renew(seen, received, wasRefused)
    } catch (error) {
      if (!isSessionOver(error)) {
        pause = { until: clock.now() + askedToWaitMs(error), error }
        throw error
      }
      await store.end(seen.id, "session-ended")
    }
  }

  async function exchange(refreshToken: string, signal: AbortSignal): Promise<ReceivedTokens> {
    const askedAt = clock.now()
    const call = { method: "POST", path: "/v1/auth/refresh", json: { refresh_token: refreshToken } } as const
    return { tokens: await transport.send(call, isTokenResponse, signal), askedAt }
  }

  async function isUnchanged(seen: SessionRecord): Promise<boolean> {
    return isSameToken((await store.reload())?.record, seen)
  }
}

/** The one answer that signs a person out. All else may be a fault on the way. */
const isSessionOver = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 401 && error.code === "session.refresh-invalid"
