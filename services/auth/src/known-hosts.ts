import { hostOf, Problem } from "@gatepost/http"
import type { RequestHandler } from "express"
import type { Apps } from "./modules/apps/index.js"

/** Check 5: nothing is made of the Host header, and one that is not ours is misdirected (RFC 9110 section 15.5.20). */
export function knownHosts(apps: Apps): RequestHandler {
  return (req, _res, next) => {
    if (!apps.isKnownHost(hostOf(req))) throw new Problem("request.host-unknown")
    next()
  }
}
