import { assertAccess, type Caller, dialects, Problem } from "@gatepost/http"
import type { Logger } from "@gatepost/runtime"
import type { Request, RequestHandler, Response } from "express"
import { Position, toRevocationView } from "./revocations.schemas.js"
import type { RevocationsService } from "./revocations.service.js"
import type { RevocationPage } from "./revocations.types.js"

export interface RevocationStreamDeps {
  revocations: RevocationsService
  /** Who sent this request, and until when that may be believed; @throws Problem */
  authenticate(req: Request): Promise<Caller & { expiresAt: Date }>
  logger: Logger
}

const ACCESS = { service: "revocations:read" } as const
const PING_INTERVAL_MS = 5_000
const SLOW_READER_MS = 10_000
// So that those who are sent away together don't come back together.
const MAX_RETRY_MS = 2_000

/**
 * `GET /v1/revocations` with `Accept: text/event-stream`: first what came after `Last-Event-ID` (or `?after=`),
 * then each revocation at once, and at least every 5 s a `ping`: nothing was revoked that was not sent. Ends
 * with the token. Other requests go on to the JSON call at the same path.
 */
export function revocationStream(deps: RevocationStreamDeps): RequestHandler {
  const { revocations, authenticate, logger } = deps
  return async (req, res, next) => {
    if (!wantsStream(req)) return next()
    const caller = await authenticate(req)
    assertAccess(caller, ACCESS)
    const pages = revocations.follow(positionOf(req))
    // Before the headers, so that a database that is away is a 503.
    const first = await pages.next()
    res.set({ "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no" })
    res.flushHeaders()
    try {
      await sendPages(res, first, pages, caller.expiresAt)
    } catch (cause) {
      logger.warn({ err: cause, request_id: res.locals.requestId }, "a revocation stream failed")
    } finally {
      await pages.return()
      res.end(`retry: ${Math.floor(Math.random() * MAX_RETRY_MS)}\n\n`)
    }
  }
}

export const REVOCATION_STREAM_PATHS = dialects.map(({ prefix }) => `${prefix}/revocations`)

const wantsStream = (req: Request) =>
  req.method === "GET" && req.accepts(["json", "text/event-stream"]) === "text/event-stream"

/** A client that comes back repeats its first URL, so the header is the newer one of the two. */
function positionOf(req: Request): number {
  const header = req.get("Last-Event-ID")
  const [given, pointer] =
    header === undefined ? [req.query.after ?? "0", "query/after"] : [header, "header/Last-Event-ID"]
  const { success, data } = Position.safeParse(given)
  if (success) return Number(data)
  throw new Problem("request.invalid", {
    errors: [{ pointer, message: "must be the `seq` of a revocation" }],
  })
}

async function sendPages(
  res: Response,
  first: IteratorResult<RevocationPage, void>,
  pages: AsyncGenerator<RevocationPage, void>,
  until: Date,
): Promise<void> {
  let pingedAt = Number.NEGATIVE_INFINITY
  for (let next = first; !next.done; next = await pages.next()) {
    const now = Date.now()
    if (res.closed || now >= until.getTime()) return
    const { items, position, isLast } = next.value
    const isPingDue = isLast && now - pingedAt >= PING_INTERVAL_MS
    if (isPingDue) pingedAt = now
    const text = items.map((item) => eventOf(item.seq, "revoked", toRevocationView(item))).join("")
    await write(res, isPingDue ? text + eventOf(position, "ping", { seq: position }) : text)
  }
}

/** The WHATWG's event stream format: the id is what comes back as Last-Event-ID. */
const eventOf = (id: number, event: string, data: object) =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`

/** Waits until there is room for more; a reader that makes none in 10 s is dropped, and may come back. */
function write(res: Response, text: string): Promise<void> {
  if (text === "" || res.write(text)) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => res.destroy(), SLOW_READER_MS)
    const goOn = () => {
      clearTimeout(timer)
      res.off("drain", goOn).off("close", goOn)
      resolve()
    }
    res.on("drain", goOn).on("close", goOn)
  })
}
