import type { Logger } from "@gatepost/runtime"
import type { Limiter, LimitName } from "./limits.js"
import { Problem } from "./problems/index.js"

/**
 * Counts how work ended that a limit admitted. What was done is done, so a limiter that is away must not turn it into
 * an error.
 *
 * @param outcome what was thrown, if anything was
 */
export async function settle(
  { limiter, logger }: { limiter: Limiter; logger: Logger },
  limit: LimitName,
  ip: string,
  outcome?: unknown,
): Promise<void> {
  try {
    await limiter[isFailure(outcome) ? "refused" : "forgive"](limit, ip)
  } catch (cause) {
    logger.warn({ err: cause, limit }, "the limiter could not settle a call")
  }
}

/** Whoever is asked for a second factor did not fail at the first. */
export const isFailure = (outcome: unknown): boolean =>
  outcome instanceof Problem && outcome.status < 500 && outcome.code !== "mfa.required"
