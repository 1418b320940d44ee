import type { Request } from "express"
import { type BrowserSecret, browserSecret } from "./browser-secret.js"

const COOKIE_SECONDS = 900
// What a provider's answer may have; whatever else comes with it, nobody reads.
const ANSWER = ["code", "state", "iss", "error", "user"]
// RFC 6749 section 4.1.2.1, and Apple's own word for it.
const CANCELLED = ["access_denied", "user_cancelled_authorize"]

/** What binds a browser to the sign-ins with providers that it began. */
export const socialCookie = (publicUrl: string): BrowserSecret =>
  browserSecret({
    name: "social",
    form: /^[\w-]{43}$/,
    isSecure: publicUrl.startsWith("https://"),
    seconds: COOKIE_SECONDS,
  })

export function answerOf(source: Record<string, unknown>): URLSearchParams {
  const answer = new URLSearchParams()
  for (const name of ANSWER) {
    const value = source[name]
    if (typeof value === "string") answer.set(name, value)
  }
  return answer
}

/** Whether somebody thought again at the provider. */
export const isCancelled = (req: Request): boolean => CANCELLED.includes(String(req.query.error))
