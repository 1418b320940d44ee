import { assertAccess, type Caller, dialects } from "@gatepost/http"
import type { Request, RequestHandler, Response } from "express"
import type { Reader, StreamsService } from "./streams.service.js"

export interface StreamDeps {
  streams: StreamsService
  /** Who sent this request, and until when that may be believed; @throws Problem */
  authenticate(req: Request): Promise<Caller & { expiresAt: Date }>
  /** @throws when the session of this request's token is no more */
  assertLive(req: Request): Promise<void>
}

const ACCESS = { user: "notifications:read" } as const

export const STREAM_PATHS = dialects.map(({ prefix }) => `${prefix}/notifications/stream`)

/**
 * `GET /v1/notifications/stream` with `Accept: text/event-stream`: `event: inbox` at once and whenever the caller's
 * inbox may have changed. Also after `Last-Event-ID`: one hint is all that was missed. Other requests go on to the
 * JSON call at the same path.
 */
export function notificationStream({ streams, authenticate, assertLive }: StreamDeps): RequestHandler {
  return async (req, res, next) => {
    if (!wantsStream(req)) return next()
    const caller = await authenticate(req)
    assertAccess(caller, ACCESS)
    const { userId } = caller as { userId: string } & typeof caller
    const follower = { userId, expiresAt: caller.expiresAt, assertLive: () => assertLive(req) }
    // Refused before the headers, so that it is a problem like any other.
    const close = streams.open(follower, readerOf(res))
    res.once("close", close)
    if (res.closed) close()
  }
}

const wantsStream = (req: Request) =>
  req.method === "GET" && req.accepts(["json", "text/event-stream"]) === "text/event-stream"

function readerOf(res: Response): Reader {
  // A peer that vanished is noticed between two pings.
  res.socket?.setKeepAlive(true, 10_000)
  res.socket?.setNoDelay(true)
  res.set({ "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no" })
  return {
    send: (text) => void (res.writableEnded || res.write(text)),
    isBehind: () => res.writableNeedDrain,
    end: (text) => void (res.writableEnded || res.end(text)),
    destroy: () => void res.destroy(),
  }
}
