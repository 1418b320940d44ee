import { isIP } from "node:net"
import { findLanguage } from "@gatepost/contracts"
import type { Logger } from "@gatepost/runtime"
import type { Request, Response } from "express"
import type { RequestContext } from "./route.js"

const MAX_USER_AGENT_LENGTH = 400

/** The Host header without its port; never `req.hostname`, which believes X-Forwarded-Host (M12). */
export const hostOf = (req: Request): string => (req.headers.host ?? "").replace(/:\d+$/, "").toLowerCase()

/**
 * The client's address behind the trusted hops; where that is none (a proxy's nonsense, check 6), the
 * socket's. Without a zone, which PostgreSQL's `inet` doesn't take.
 */
export function addressOf(req: Request): string {
  const [forwarded = ""] = (req.ip ?? "").split("%")
  if (isIP(forwarded)) return forwarded
  const [peer] = (req.socket.remoteAddress ?? "::").split("%")
  return peer ?? "::"
}

/** What a use-case may know of a request. */
export const contextOf = (req: Request, res: Response, logger: Logger): RequestContext => ({
  requestId: res.locals.requestId,
  ip: addressOf(req),
  userAgent: req.get("User-Agent")?.slice(0, MAX_USER_AGENT_LENGTH),
  host: hostOf(req),
  clientId: req.get("X-Client-Id"),
  language: findLanguage(req.get("Accept-Language")),
  idempotency: undefined,
  logger,
})
