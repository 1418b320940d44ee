import { z } from "zod"
import type { Revocation } from "./revocations.types.js"

/** A place in the feed: microseconds since 1970, in 16 digits until the year 2286. */
export const Position = z.string().regex(/^\d{1,16}$/, "must be the `seq` of a revocation, or 0")

export const ListQuery = z.object({
  after: Position.default("0").meta({ description: "The `seq` of the last one known; 0 for all that count" }),
  limit: z
    .string()
    .regex(/^([1-9]\d{0,2}|1000)$/, "must be a whole number from 1 to 1000")
    .default("100"),
})

export const RevocationView = z
  .object({
    seq: z.int().meta({ description: "Its place in the feed; grows, with gaps" }),
    session_id: z.uuid().meta({ description: "`sid` of the access tokens to refuse" }),
    revoked_at: z.iso.datetime(),
    expires_at: z.iso.datetime().meta({ description: "From then on no such token is left" }),
  })
  .meta({ id: "Revocation" })

export const RevocationList = z
  .object({
    items: z.array(RevocationView),
    next_cursor: z.string().nullable().meta({ description: "`after` of the next page, if there is more" }),
  })
  .meta({ id: "RevocationList" })

export const toRevocationView = (revocation: Revocation): z.input<typeof RevocationView> => ({
  seq: revocation.seq,
  session_id: revocation.sessionId,
  revoked_at: revocation.revokedAt.toISOString(),
  expires_at: revocation.expiresAt.toISOString(),
})
