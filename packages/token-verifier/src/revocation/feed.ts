import type { IncomingMessage } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import { createClientToken } from "./client-token.js"
import { readEvents, type ServerSentEvent } from "./event-stream.js"
import type { RevocationSettings } from "./options.js"
import { sendRequest } from "./send-request.js"

export interface FeedListener {
  /** Tokens of this session are to be refused; after that time there are none. */
  onRevoked(sessionId: string, expiresAtMs: number): void
  /** Everything that was revoked up to now has been told. */
  onCurrent(): void
  /** The connection failed; there will be another. */
  onFailure(cause: Error): void
}

// The server is heard every 5 s; below the least that maxStalenessSeconds can be.
const SILENCE_MS = 8_000
const MAX_PAUSE_MS = 5_000

/**
 * Follows the feed of revoked sessions until it is closed, over one connection after the other, each from where
 * the last one ended. Nothing in it keeps a process alive.
 */
export function followFeed(settings: RevocationSettings, listener: FeedListener): { close(): void } {
  const { feedUrl, clock } = settings
  const token = createClientToken(settings)
  let connection = new AbortController()
  let isClosed = false
  let failures = 0
  let lastEventId: string | undefined

  void follow()

  async function follow(): Promise<void> {
    while (!isClosed) {
      connection = new AbortController()
      const pauseMs = await readFeed(connection).catch(pauseAfter)
      connection.abort()
      await sleep(pauseMs, undefined, { ref: false })
    }
  }

  /** Resolves with the time to wait when the server, or the need for a fresh token, ends the connection. */
  async function readFeed(abort: AbortController): Promise<number> {
    const silence = setTimeout(() => abort.abort(silent()), SILENCE_MS).unref()
    let isRenewing = false
    let isRenewed = false
    // The server's `retry:`: how long to wait once the stream has ended.
    let pauseMs: number | undefined
    const renew = async (): Promise<void> => {
      isRenewing = true
      // Where it fails, this connection goes on, and the next event makes it try again.
      isRenewed = await token.renew().then(
        () => true,
        () => false,
      )
      isRenewing = false
      if (isRenewed) abort.abort()
    }
    try {
      let heardAtMs = clock()
      for await (const event of readEvents((await open(abort.signal)).setEncoding("utf8"))) {
        // Seen late by a process that stood still: what else was sent meanwhile may be lost.
        if (Math.abs(clock() - heardAtMs) > SILENCE_MS) throw silent()
        heardAtMs = clock()
        silence.refresh()
        take(event)
        pauseMs = event.retryMs ?? pauseMs
        if (token.isDue() && !isRenewing) void renew()
      }
      if (pauseMs === undefined) throw new Error("the revocation feed ended")
      return Math.min(pauseMs, MAX_PAUSE_MS)
    } catch (error) {
      if (isRenewed) return 0
      throw error
    } finally {
      clearTimeout(silence)
    }
  }

  async function open(signal: AbortSignal): Promise<IncomingMessage> {
    const headers = {
      accept: "text/event-stream",
      authorization: `Bearer ${await token.current()}`,
      ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
    }
    const response = await sendRequest(feedUrl, { method: "GET", headers, signal })
    const type = response.headers["content-type"] ?? ""
    if (response.statusCode === 200 && type.startsWith("text/event-stream")) return response
    if (response.statusCode === 401 || response.statusCode === 403) token.forget()
    throw new Error(`the revocation feed answered ${response.statusCode} ${type}`)
  }

  function take({ type, data, id }: ServerSentEvent): void {
    if (type === "revoked") {
      const { sessionId, expiresAtMs } = readRevocation(data)
      listener.onRevoked(sessionId, expiresAtMs)
    }
    if (id !== undefined && /^\d{1,16}$/.test(id)) lastEventId = id
    if (type !== "ping") return
    failures = 0
    listener.onCurrent()
  }

  function pauseAfter(error: unknown): number {
    if (!isClosed)
      listener.onFailure(error instanceof Error ? error : new Error("the revocation feed failed"))
    failures += 1
    return Math.random() * Math.min(MAX_PAUSE_MS, 250 * 2 ** failures)
  }

  return {
    close() {
      isClosed = true
      connection.abort()
    },
  }
}

const silent = () => new Error("the revocation feed was silent for too long")

function readRevocation(data: string): { sessionId: string; expiresAtMs: number } {
  const { session_id: sessionId, expires_at: expiresAt } = JSON.parse(data)
  const expiresAtMs = Date.parse(expiresAt)
  if (typeof sessionId === "string" && Number.isFinite(expiresAtMs)) return { sessionId, expiresAtMs }
  throw new Error("the revocation feed sent a revocation that has no session or no end")
}
