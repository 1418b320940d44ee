import { isIP } from "node:net"
import { findLanguage } from "@gatepost/contracts"
import type { Logger } from "@gatepost/runtime"
import type { Request, Response } from "express"
import type { RequestContext } from "./route.js"

const MAX_USER_AGENT_LENGTH = 400

/** The Host header without its port; never `req.hostname`, which believes X-Forwarded-Host (M12). */
export const hostOf = (req: Request): string => (req.headers.host ?? "").replace(/:\d+$/, "").toLowerCase()

/** How a socket that listens on both names an IPv4 address (RFC 4291 section 2.5.5.2). */
const MAPPED = /^::ffff:(?=[0-9.]+$)/i

/**
 * The client's address behind the trusted hops; where that is none (a proxy's nonsense, check 6), the
 * socket's. Without a zone, which PostgreSQL's `inet` doesn't take; IPv4 as itself.
 */
export function addressOf(req: Request): string {
  const [forwarded = ""] = (req.ip ?? "").split("%")
  const [peer = "::"] = (req.socket.remoteAddress ?? "::").split("%")
  return (isIP(forwarded) ? forwarded : peer).replace(MAPPED, "")
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
  revalidate: () => {},
  logger,
})
