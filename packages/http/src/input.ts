import { createHash } from "node:crypto"
import type { Request } from "express"
import type { z } from "zod"
import { isBodiless } from "./body-parser.js"
import type { DialectCall, Json } from "./dialects.js"
import { isStorable, parseJson } from "./json.js"
import { type FieldError, Problem } from "./problems/index.js"
import type { AnyRoute } from "./route.js"

// Check 20: also as `name[member]`, which some other reader of the query would take for nesting.
const POLLUTING_NAME = /(^|[[.])(__proto__|constructor|prototype)([\].[]|$)/
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{16,128}$/

export interface Input {
  params: unknown
  query: unknown
  /** As it was sent, and as the route's schema reads it. */
  body: { sent: Json; read: unknown } | undefined
}

/**
 * The input as the route's schemas have it; unknown members are left out.
 *
 * @param toCanonical makes the route's body of a dialect's
 * @throws Problem `request.malformed` (can't be read) or `request.invalid` (names every faulty field)
 */
export function readInput(route: AnyRoute, req: Request, toCanonical: DialectCall["input"]): Input {
  const errors: FieldError[] = []
  const read = (schema: z.ZodType | undefined, value: unknown, where: string) => {
    if (!schema) return undefined
    const result = schema.safeParse(value)
    if (result.success) return result.data
    for (const issue of result.error.issues) {
      errors.push({
        pointer: where + issue.path.map((step) => `/${String(step)}`).join(""),
        message: issue.message,
      })
    }
    return undefined
  }

  const isLeftOut = route.isBodyOptional && isBodiless(req)
  const sent = route.body && (isLeftOut ? {} : parseJson(bodyOf(req)))
  const canonical = sent && toCanonical ? toCanonical(sent, req.headers) : sent
  const input = {
    params: read(route.params, storable(req.params, "path"), "path"),
    query: read(route.query, storable(req.query, "query"), "query"),
    body: sent && { sent, read: read(route.body, canonical, "") },
  }
  if (errors.length > 0) throw new Problem("request.invalid", { errors })
  return input
}

/** @throws Problem `request.invalid` for a key of the wrong form */
export function readIdempotencyKey(req: Request): { key: string; fingerprint: Buffer } | undefined {
  const key = req.get("Idempotency-Key")
  if (key === undefined) return undefined
  if (!IDEMPOTENCY_KEY.test(key)) {
    const message = "must be 16 to 128 visible ASCII characters"
    throw new Problem("request.invalid", { errors: [{ pointer: "header/Idempotency-Key", message }] })
  }
  return { key, fingerprint: createHash("sha256").update(bodyOf(req)).digest() }
}

function bodyOf(req: Request): Buffer {
  return Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0)
}

function storable(values: Record<string, unknown>, where: string): Record<string, unknown> {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== "string" || !isStorable(value)) {
      throw new Problem("request.malformed", { detail: `A ${where} parameter comes twice or has a NUL.` })
    }
    if (POLLUTING_NAME.test(name)) throw new Problem("request.malformed")
  }
  return values
}
