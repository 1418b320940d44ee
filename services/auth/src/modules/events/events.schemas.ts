import { z } from "zod"
import { toUserView, User } from "../accounts/index.js"
import type { EventRecord } from "./events.repository.js"

export const EventType = z
  .enum([
    "user.created",
    "user.updated",
    "user.suspended",
    "user.unsuspended",
    "user.roles_changed",
    "user.deleted",
    "session.revoked",
  ])
  .meta({ id: "EventType" })

/** A place in the feed: microseconds since 1970, in 16 digits until the year 2286. */
export const EventPosition = z.string().regex(/^\d{1,16}$/, "must be the `seq` of an event, or 0")

export const EventsQuery = z.object({
  after: EventPosition.default("0").meta({
    description: "The `seq` of the last one known; 0 for all of 30 days",
  }),
  limit: z
    .string()
    .regex(/^([1-9]\d{0,2}|1000)$/, "must be a whole number from 1 to 1000")
    .default("100"),
})

const EventData = z
  .object({
    user_id: z.uuid(),
    user: User.nullable().optional().meta({ description: "As they are now; null where they are gone" }),
    changed: z.array(z.string()).optional().meta({ description: "What of a `user.updated`" }),
    session_id: z.uuid().optional(),
    reason: z.string().optional().meta({ description: "Why a session was revoked" }),
  })
  .meta({ id: "EventData" })

export const EventView = z
  .object({
    id: z.uuid().meta({ description: "The same as a webhook's `webhook-id`" }),
    seq: z.int().meta({ description: "Its place in the feed; grows, with gaps" }),
    type: z.string(),
    timestamp: z.iso.datetime(),
    data: EventData,
  })
  .meta({ id: "Event" })

export const EventList = z
  .object({
    items: z.array(EventView),
    next_cursor: z.string().nullable().meta({ description: "`after` of the next page, if there is more" }),
  })
  .meta({ id: "EventList" })

/** What a webhook's body says of an event, as Standard Webhooks has it. */
export const toEventBody = (event: EventRecord) => ({
  type: event.type,
  timestamp: event.at.toISOString(),
  data: dataOf(event),
})

export const toEventView = (event: EventRecord): z.input<typeof EventView> => ({
  id: event.id,
  seq: event.seq ?? 0,
  ...toEventBody(event),
})

function dataOf({ type, accountId, sessionId, detail, account }: EventRecord): z.input<typeof EventData> {
  if (sessionId) return { user_id: accountId, session_id: sessionId, reason: detail[0] ?? "unknown" }
  if (type === "user.deleted") return { user_id: accountId }
  const user = account ? toUserView(account) : null
  return { user_id: accountId, user, ...(type === "user.updated" && { changed: detail }) }
}
