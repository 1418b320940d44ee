import type { Request, RequestHandler } from "express"
import type { z } from "zod"
import { isStorable } from "./json-body.js"
import { Refusal, refuseField } from "./refusal.js"

// Also as `name[member]`, which some other reader of the query would take for nesting.
const POLLUTING_NAME = /(^|[[.])(__proto__|constructor|prototype)([\].[]|$)/
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{16,128}$/

/** Refuses a query in which a parameter comes twice, has a NUL or a polluting name. */
export const plainQuery: RequestHandler = (req, _res, next) => {
  for (const [name, value] of Object.entries(req.query)) {
    if (typeof value !== "string" || !isStorable(value) || POLLUTING_NAME.test(name))
      throw new Refusal("request_malformed", { message: "A query parameter comes twice or is unfit." })
  }
  next()
}

/**
 * What a schema makes of a part of the request; unknown members are left out.
 *
 * @param where in front of each fault's pointer, such as `query`
 * @throws Refusal `request_invalid` naming every faulty field
 */
export function read<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: "" | "path" | "query",
): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const errors = result.error.issues.map(({ path, message }) => ({
    pointer: where + path.map((step) => `/${String(step)}`).join(""),
    message,
  }))
  throw new Refusal("request_invalid", { errors })
}

/** @throws Refusal `request_invalid` for a key of the wrong form */
export function readIdempotencyKey(req: Request): string | undefined {
  const key = req.get("Idempotency-Key")
  if (key === undefined || IDEMPOTENCY_KEY.test(key)) return key
  return refuseField("header/Idempotency-Key", "must be 16 to 128 visible ASCII characters")
}
