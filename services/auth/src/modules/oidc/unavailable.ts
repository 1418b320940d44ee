import { isUnavailable } from "@gatepost/postgres"
import type { ErrorOut, KoaContextWithOIDC } from "oidc-provider"

const RETRY_AFTER_SECONDS = "2"
const UNAVAILABLE = { error: "temporarily_unavailable", error_description: "try again in a moment" }

/** What a client or a person is told of an error: of a database that is away, that it passes. */
export const outOf = (out: ErrorOut, error: Error): ErrorOut => (isUnavailable(error) ? UNAVAILABLE : out)

/**
 * The provider calls every unexpected error a 500. While the database is away it is RFC 6749's
 * `temporarily_unavailable`, as 503 with Retry-After, as the JSON API has it.
 */
export function answerUnavailable(ctx: Pick<KoaContextWithOIDC, "body" | "set" | "status">): void {
  ctx.status = 503
  ctx.set("Retry-After", RETRY_AFTER_SECONDS)
  // A page stays.
  if (typeof ctx.body !== "string") ctx.body = UNAVAILABLE
}
