import { refuse, TokenError } from "../errors.js"
import { followFeed } from "./feed.js"
import type { RevocationSettings } from "./options.js"

export interface Revocations {
  /** Throws `token_invalid` for a revoked session, and `revocations_unavailable` when nobody may be let in blindly. */
  assertLive(sessionId: string): void
  /** Whether tokens are judged, rather than all refused. */
  ready(): boolean
  close(): void
}

const ALARM_INTERVAL_MS = 60_000
const RETRY_AFTER_SECONDS = 2

/** Knows which sessions were revoked, from a feed that runs in the background until it is closed. */
export function followRevocations(settings: RevocationSettings): Revocations {
  const { clock, whenStale, onStale } = settings
  const maxStalenessMs = settings.maxStalenessSeconds * 1000
  // In the order in which they expire, as the feed has them.
  const expiresAtBySession = new Map<string, number>()
  const startedAt = clock()
  let currentAt: number | undefined
  let alarmedAt = Number.NEGATIVE_INFINITY
  let failure: Error | undefined

  const feed = followFeed(settings, {
    onRevoked(sessionId, expiresAtMs) {
      expiresAtBySession.delete(sessionId)
      expiresAtBySession.set(sessionId, expiresAtMs)
    },
    onCurrent() {
      currentAt = clock()
      failure = undefined
      dropExpired(currentAt)
    },
    onFailure(cause) {
      failure = cause
    },
  })

  // A clock that was set far back says nothing about the time since then either.
  const staleMs = (): number => Math.abs(clock() - (currentAt ?? startedAt))
  const ready = (): boolean =>
    whenStale === "open" || (currentAt !== undefined && staleMs() <= maxStalenessMs)

  function assertLive(sessionId: string): void {
    if (expiresAtBySession.has(sessionId)) refuse("the session was revoked")
    if (staleMs() > maxStalenessMs) alarm()
    if (ready()) return
    throw new TokenError("revocations_unavailable", "nobody can tell which sessions were revoked", {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause: failure,
    })
  }

  // Not called here: what a listener throws is its own fault, and must not look like a refusal.
  function alarm(): void {
    if (!onStale || Math.abs(clock() - alarmedAt) < ALARM_INTERVAL_MS) return
    alarmedAt = clock()
    const seconds = Math.round(staleMs() / 1000)
    queueMicrotask(() => onStale(seconds, failure))
  }

  function dropExpired(nowMs: number): void {
    for (const [sessionId, expiresAtMs] of expiresAtBySession) {
      if (expiresAtMs > nowMs) return
      expiresAtBySession.delete(sessionId)
    }
  }

  return { assertLive, ready, close: feed.close }
}
