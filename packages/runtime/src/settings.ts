import { z } from "zod"
import { Secret } from "./config.js"
import { readRedisUrl } from "./redis-address.js"

/** A whole number of seconds between the two bounds. */
export const seconds = (min: number, max: number) => integer(min, max)

/** A TCP port; 0 lets the system choose. */
export const port = () => integer(0, 65535)

/** A whole number between the two bounds. */
export const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be between ${min} and ${max}`)

/** `on`/`off`, `true`/`false`, `1`/`0`. */
export const flag = () =>
  z.stringbool({
    truthy: ["on", "true", "1", "yes"],
    falsy: ["off", "false", "0", "no"],
    error: "must be on or off",
  })

/** An absolute URL of one of the given schemes. */
export const url = (...schemes: string[]) =>
  z
    .string()
    .refine((value) => URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1)), {
      error: `must be a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`,
      abort: true,
    })

/** Where Redis is, in one of the forms of `readRedisUrl`. */
export const redis = () =>
  z.string().superRefine((value, context) => {
    try {
      readRedisUrl(value)
    } catch (cause) {
      context.addIssue({ code: "custom", message: (cause as Error).message })
    }
  })

/** The origin clients see: scheme, host and port, no path; returned without a trailing slash. */
export const origin = () =>
  url("http", "https")
    .refine(
      (value) => new URL(value).href === `${new URL(value).origin}/`,
      "must be an origin: scheme, host and port, without a path, query or password",
    )
    .transform((value) => new URL(value).origin)

/** An email address. */
export const email = () => z.email("must be an email address").max(254).toLowerCase()

/** A list, separated by commas or written as a JSON array. */
export const list = () =>
  z.string().transform((value, context) => {
    if (!value.trimStart().startsWith("["))
      return value
        .split(",")
        .map((item) => item.trim())
        .filter(Boolean)
    const parsed = z.array(z.string()).safeParse(parseJson(value))
    if (parsed.success) return parsed.data
    context.addIssue({ code: "custom", message: "must be a list separated by commas, or a JSON array" })
    return z.NEVER
  })

/** A secret of at least 32 characters that is not one of the well-known placeholders. */
export const secret = () =>
  z
    .string()
    .min(32, "must have at least 32 characters")
    .refine((value) => new Set(value).size > 8, "must be random, not a placeholder")
    .transform((value) => new Secret(value))

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
