import type { Suppression, SuppressionDetails } from "@gatepost/mail-queue"
import { z } from "zod"
import { address, pageSize } from "../mails/index.js"

const MAX_DETAIL_LENGTH = 200

const time = z.iso.datetime()

const suppression = {
  address: z.string().meta({ description: "In lower case" }),
  reason: z
    .enum(["bounce", "operator"])
    .meta({ description: "A server knows no such mailbox, or somebody decided so" }),
  detail: z.string().nullable(),
  created_at: time,
  expires_at: time.nullable().meta({ description: "Null: for good" }),
}

export const SuppressionView = z.object(suppression).meta({ id: "Suppression" })

export const SuppressionList = z
  .object({ items: z.array(SuppressionView), next_cursor: z.string().nullable() })
  .meta({ id: "SuppressionList" })

export const SuppressionDetailsView = z
  .object({
    address: z.string(),
    current: SuppressionView.nullable().meta({ description: "Null: the address gets mail" }),
    history: z.array(
      z.object({
        at: time,
        action: z.enum(["suppressed", "unsuppressed"]),
        by: z.string(),
        detail: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: "SuppressionDetails" })

export const SuppressionParams = z.object({ address })

export const SuppressBody = z
  .object({
    detail: z.string().trim().min(1, "must not be empty").max(MAX_DETAIL_LENGTH).optional().meta({
      description: "Why, for those who look later",
    }),
  })
  .meta({ id: "Suppress" })

export const ListQuery = z.object({
  limit: pageSize(500, 50),
  cursor: address.optional().meta({ description: "`next_cursor` of the page before" }),
})

export const toSuppressionView = (item: Suppression): z.input<typeof SuppressionView> => ({
  address: item.address,
  reason: item.reason,
  detail: item.detail,
  created_at: item.createdAt.toISOString(),
  expires_at: item.expiresAt?.toISOString() ?? null,
})

export const toSuppressionDetailsView = (
  address: string,
  { current, history }: SuppressionDetails,
): z.input<typeof SuppressionDetailsView> => ({
  address: address.toLowerCase(),
  current: current ? toSuppressionView(current) : null,
  history: history.map(({ at, ...event }) => ({ at: at.toISOString(), ...event })),
})

/** One page of them; a full one may have another behind it. */
export const toSuppressionList = (items: Suppression[], limit: number): z.input<typeof SuppressionList> => ({
  items: items.map(toSuppressionView),
  next_cursor: items.length === limit ? (items.at(-1)?.address ?? null) : null,
})
