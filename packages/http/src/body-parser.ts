import express, { type Request, type RequestHandler } from "express"
import { Problem } from "./problems/index.js"

const JSON_IN_UTF8 = /^application\/(?:json|[\w.+-]+\+json)\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i

/** Collects the raw bytes of a JSON body, unpacked and bounded; `parseJson` reads them. */
export function jsonBody(limitBytes: number, isOptional = false): RequestHandler[] {
  const onlyJson: RequestHandler = (req, _res, next) => {
    if (isOptional && isBodiless(req)) return next()
    const type = req.headers["content-type"]
    if (type === undefined || !JSON_IN_UTF8.test(type)) throw new Problem("request.media-type-unsupported")
    next()
  }
  return [onlyJson, express.raw({ type: () => true, limit: limitBytes })]
}

/** RFC 9112 section 6.3: what has neither length has no body. One that has a type was to be one. */
export function isBodiless({ headers }: Request): boolean {
  if (headers["content-type"] !== undefined || headers["transfer-encoding"] !== undefined) return false
  return Number(headers["content-length"] ?? 0) === 0
}
