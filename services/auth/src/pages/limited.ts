import { type LimitName, settle } from "@gatepost/http"
import type { PageParts } from "./page-parts.js"

/** Work of a form under a limit, counted as the JSON API counts its calls. */
export async function limited<Result>(
  parts: Pick<PageParts, "limiter" | "logger">,
  limit: LimitName,
  ip: string,
  work: () => Promise<Result>,
): Promise<Result> {
  await parts.limiter.admit(limit, ip)
  let outcome: unknown
  try {
    return await work()
  } catch (error) {
    outcome = error
    throw error
  } finally {
    await settle(parts, limit, ip, outcome)
  }
}
