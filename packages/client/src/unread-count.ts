import { delayAfter } from "./backoff.js"
import { type Clock, sleep } from "./clock.js"
import { SignedOutError } from "./errors.js"
import { readEvents } from "./event-stream.js"
import type { Fetch } from "./transport.js"

/** The number for a badge, kept up to date; fits React's `useSyncExternalStore`. */
export interface UnreadCount {
  /** Exact as of the last time the server was heard; nothing before, and while nobody is signed in. */
  get(): number | undefined
  /** Tells of each change, and follows the server for as long as somebody listens. Returns what ends it. */
  subscribe(listener: () => void): () => void
}

export interface UnreadCountDeps {
  /** Asks the server. @throws ApiError, NetworkError, SignedOutError */
  count(): Promise<number>
  /** With the access token. */
  fetch: Fetch
  /** Tells when somebody signs in or out. */
  onSessionChange(listener: () => void): () => void
  clock: Clock
  random: () => number
  closed: AbortSignal
}

// The server is heard every 25 s.
const SILENCE_MS = 60_000
// Where answers can't be read as they come, as in React Native.
const POLL_MS = 30_000

/** Follows the server's hints, and asks for the count after each: what a hint says is never the truth. */
export function createUnreadCount(deps: UnreadCountDeps): UnreadCount {
  const { clock, random, closed } = deps
  const listeners = new Set<() => void>()
  let current: number | undefined
  let following: AbortController | undefined
  let asking: Promise<void> | undefined
  let isHintedAgain = false

  deps.onSessionChange(() => {
    set(undefined)
    if (following) restart()
  })
  closed.addEventListener("abort", () => following?.abort())

  return {
    get: () => current,
    subscribe(listener) {
      const own = () => listener()
      listeners.add(own)
      if (!following && !closed.aborted) restart()
      return () => {
        listeners.delete(own)
        if (listeners.size > 0) return
        following?.abort()
        following = undefined
      }
    },
  }

  function restart(): void {
    following?.abort()
    following = new AbortController()
    void follow(following.signal)
  }

  async function follow(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      let error: unknown
      const pauseMs = await listen(signal, () => {
        failures = 0
      }).catch((cause: unknown) => {
        error = cause
      })
      // Until somebody signs in, which starts it again.
      if (error instanceof SignedOutError) return
      failures += 1
      const waitMs = typeof pauseMs === "number" ? pauseMs : delayAfter(failures, error, random)
      await sleep(clock, waitMs, signal).catch(() => {})
    }
  }

  /** Resolves with the pause that the server asks for, once it ends the stream. */
  async function listen(signal: AbortSignal, onHeard: () => void): Promise<number | undefined> {
    const connection = new AbortController()
    const stop = () => connection.abort()
    signal.addEventListener("abort", stop)
    let cancel = clock.setTimeout(stop, SILENCE_MS)
    try {
      const headers = { Accept: "text/event-stream" }
      const init = { headers, cache: "no-store", signal: connection.signal } as const
      const response = await deps.fetch("/v1/notifications/stream", init)
      const isStream = response.headers.get("Content-Type")?.startsWith("text/event-stream")
      if (!response.ok || !isStream) throw new Error(`the stream answered ${response.status}`)
      if (!response.body) {
        stop()
        await ask(signal)
        return POLL_MS
      }
      let pauseMs: number | undefined
      for await (const event of readEvents(response.body)) {
        cancel()
        cancel = clock.setTimeout(stop, SILENCE_MS)
        onHeard()
        pauseMs = event.retryMs ?? pauseMs
        if (event.type === "inbox") void ask(signal)
      }
      return pauseMs
    } finally {
      cancel()
      signal.removeEventListener("abort", stop)
    }
  }

  /** One question at a time; hints that come meanwhile are one more. */
  function ask(signal: AbortSignal): Promise<void> {
    isHintedAgain = asking !== undefined
    asking ??= askUntilQuiet(signal).finally(() => {
      asking = undefined
    })
    return asking
  }

  async function askUntilQuiet(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      isHintedAgain = false
      try {
        const count = await deps.count()
        if (!signal.aborted) set(count)
        if (!isHintedAgain) return
        failures = 0
      } catch (error) {
        if (error instanceof SignedOutError) return
        // The hint is not forgotten: nobody will give it again.
        failures += 1
        await sleep(clock, delayAfter(failures, error, random), signal).catch(() => {})
      }
    }
  }

  function set(next: number | undefined): void {
    if (next === current) return
    current = next
    // Each on its own: what one throws is its own fault.
    for (const listener of listeners) queueMicrotask(listener)
  }
}
