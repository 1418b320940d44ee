import { type LimitName, Problem } from "@gatepost/http"
import type { PageParts } from "./page-parts.js"

/** Work of a form under a limit, counted as the JSON API counts its calls. */
export async function limited<Result>(
  { limiter, logger }: Pick<PageParts, "limiter" | "logger">,
  limit: LimitName,
  ip: string,
  work: () => Promise<Result>,
): Promise<Result> {
  await limiter.admit(limit, ip)
  try {
    const result = await work()
    await settle("forgive")
    return result
  } catch (error) {
    const isFailure = error instanceof Problem && error.status < 500 && error.code !== "mfa.required"
    await settle(isFailure ? "refused" : "forgive")
    throw error
  }

  // What was done is done, so a limiter that is away must not turn it into an error.
  async function settle(how: "forgive" | "refused"): Promise<void> {
    try {
      await limiter[how](limit, ip)
    } catch (cause) {
      logger.warn({ err: cause, limit }, "the limiter could not settle a form")
    }
  }
}
