import type { Logger } from "@gatepost/runtime"
import type { Request, Response } from "express"
import type { RequestContext } from "./route.js"

const MAX_USER_AGENT_LENGTH = 400

/** The Host header without its port; never `req.hostname`, which believes X-Forwarded-Host (M12). */
export const hostOf = (req: Request): string => (req.headers.host ?? "").replace(/:\d+$/, "").toLowerCase()

/** What a use-case may know of a request. */
export const contextOf = (req: Request, res: Response, logger: Logger): RequestContext => ({
  requestId: res.locals.requestId,
  ip: req.ip ?? "unknown",
  userAgent: req.get("User-Agent")?.slice(0, MAX_USER_AGENT_LENGTH),
  host: hostOf(req),
  clientId: req.get("X-Client-Id"),
  idempotency: undefined,
  logger,
})
