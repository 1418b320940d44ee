import { isTransient } from "./backoff.js"
import type { Clock } from "./clock.js"
import { ApiError, SignedOutError } from "./errors.js"
import type { Refresher, RefreshOptions } from "./refresher.js"
import type { Held, SessionStore } from "./session-store.js"

// A token that replaced a refused one and is refused as well is not replaced again so soon: with a server
// that takes none of our tokens, each request would cost a refresh.
const REFUSED_AGAIN_MS = 60_000
// With the token at hand; with that of another tab, which may be over as well; with a new one.
const MOST_SENDS = 3

/** A 401 about the access token. */
export class TokenRefused extends Error {
  readonly response: Response

  constructor(response: Response) {
    super("the access token was refused")
    this.response = response
  }
}

/**
 * Sends with the access token of the one who is signed in; replaces it in time, or when it is refused.
 *
 * @throws SignedOutError, ApiError and NetworkError of the refresh, and whatever `send` throws
 */
export type WithToken = <Result>(
  send: (held: Held) => Promise<Result>,
  signal?: AbortSignal | null,
) => Promise<Result>

export function createWithToken(deps: {
  store: SessionStore
  refresher: Refresher
  clock: Clock
}): WithToken {
  const { store, refresher, clock } = deps

  return async (send, signal) => {
    const found = store.current() ?? (await store.reload())
    if (!found) throw new SignedOutError()
    let held = isStale(found) ? await renew(found, { signal }) : found
    for (let sent = 1; ; sent++) {
      try {
        return await send(held)
      } catch (error) {
        const next = isRefusal(error) && sent < MOST_SENDS ? await replace(held, signal) : undefined
        if (!next) throw error
        held = next
      }
    }
  }

  /** Nothing if it would be of no use to refresh once more. */
  async function replace(refused: Held, signal: AbortSignal | null | undefined): Promise<Held | undefined> {
    const held = sameSession(refused)
    if (held.record.access_token !== refused.record.access_token) return held
    if (held.renewedAt !== undefined && clock.now() - held.renewedAt < REFUSED_AGAIN_MS) return undefined
    return renew(held, { signal, wasRefused: true })
  }

  async function renew(held: Held, options: RefreshOptions): Promise<Held> {
    try {
      await refresher.refresh(held, options)
    } catch (error) {
      // It was to be replaced early, and may still do.
      const isAlive = held.life !== undefined && clock.now() < held.life.expiresAt
      if (options.wasRefused || !isAlive || !isTransient(error)) throw error
    }
    return sameSession(held)
  }

  /** What one person began is never finished with the token of the next. */
  function sameSession({ record }: Held): Held {
    const held = store.current()
    if (held?.record.id !== record.id) throw new SignedOutError()
    return held
  }

  function isStale({ life }: Held): boolean {
    return life !== undefined && clock.now() >= life.staleAt
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof TokenRefused ||
  (error instanceof ApiError && error.status === 401 && error.code === "token.invalid")
