import { Problem } from "@gatepost/http"
import type { Hints } from "./hints.js"

/** The other end of a stream. */
export interface Reader {
  send(text: string): void
  /** Whether what was sent is still on its way. */
  isBehind(): boolean
  end(text: string): void
  destroy(): void
}

export interface Follower {
  userId: string
  expiresAt: Date
  /** @throws when the session is no more */
  assertLive(): Promise<void>
}

interface Stream extends Follower {
  reader: Reader
  hintedAtMs: number
  isHintDue: boolean
  pingedAtMs: number
  behindSinceMs: number | undefined
}

export interface StreamsDeps {
  hints: Hints
  isDraining(): boolean
}

export type StreamsService = ReturnType<typeof createStreamsService>

const MAX_PER_USER = 8
const MAX_STREAMS = 10_000
const TICK_MS = 1_000
const MIN_HINT_INTERVAL_MS = 1_000
// Below what proxies take for silence, which is 30 s and more.
const PING_INTERVAL_MS = 25_000
const SLOW_READER_MS = 10_000
// At a stop all come back at once, to what is left: from 2 to 10 s later. Else soon.
const STOP_RETRY_MS = { least: 2_000, spread: 8_000 }
const SOON_RETRY_MS = { least: 0, spread: 2_000 }

/**
 * Live streams: hints to fetch again, never what there is to fetch. One timer for all of them, since there may be
 * thousands.
 */
export function createStreamsService({ hints, isDraining }: StreamsDeps) {
  const streams = new Set<Stream>()
  const countByUser = new Map<string, number>()
  const timer = setInterval(tick, TICK_MS)

  return {
    /**
     * Tells a reader at once that there may be news, and whenever there are, until the token expires or its session
     * ends. @returns what ends it @throws Problem `request.too-many`, `server.unavailable`
     */
    open(follower: Follower, reader: Reader): () => void {
      const count = countByUser.get(follower.userId) ?? 0
      if (isDraining() || streams.size >= MAX_STREAMS) throw new Problem("server.unavailable")
      if (count >= MAX_PER_USER) throw new Problem("request.too-many", { headers: { "Retry-After": "30" } })

      const now = Date.now()
      const started = { hintedAtMs: 0, isHintDue: false, pingedAtMs: now, behindSinceMs: undefined }
      const stream: Stream = { ...follower, reader, ...started }
      const unsubscribe = hints.subscribe(follower.userId, () => hint(stream))
      streams.add(stream)
      countByUser.set(follower.userId, count + 1)
      hint(stream)

      return () => {
        if (!streams.delete(stream)) return
        unsubscribe()
        const left = (countByUser.get(follower.userId) ?? 1) - 1
        if (left > 0) countByUser.set(follower.userId, left)
        else countByUser.delete(follower.userId)
      }
    },

    count: () => streams.size,

    close: () => clearInterval(timer),
  }

  /** At once, and then once a second: a thousand changes are one reason to fetch. */
  function hint(stream: Stream): void {
    const now = Date.now()
    stream.isHintDue = now - stream.hintedAtMs < MIN_HINT_INTERVAL_MS || stream.behindSinceMs !== undefined
    if (stream.isHintDue) return
    stream.hintedAtMs = now
    stream.reader.send(`id: ${now}\nevent: inbox\ndata: {}\n\n`)
  }

  function tick(): void {
    const now = Date.now()
    for (const stream of streams) {
      if (isDraining()) stream.reader.end(retryIn(STOP_RETRY_MS))
      else if (now >= stream.expiresAt.getTime()) stream.reader.end(retryIn(SOON_RETRY_MS))
      else void look(stream, now)
    }
  }

  async function look(stream: Stream, now: number): Promise<void> {
    try {
      await stream.assertLive()
    } catch {
      return stream.reader.end(retryIn(SOON_RETRY_MS))
    }
    stream.behindSinceMs = stream.reader.isBehind() ? (stream.behindSinceMs ?? now) : undefined
    if (now - (stream.behindSinceMs ?? now) > SLOW_READER_MS) return stream.reader.destroy()
    if (stream.isHintDue) hint(stream)
    if (now - stream.pingedAtMs < PING_INTERVAL_MS) return
    stream.pingedAtMs = now
    stream.reader.send(": ping\n\n")
  }
}

const retryIn = ({ least, spread }: { least: number; spread: number }) =>
  `retry: ${least + Math.floor(Math.random() * spread)}\n\n`
