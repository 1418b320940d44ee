import { z } from "zod"
import type { Notification } from "./inbox.types.js"

export const ActionView = z.object({ label: z.string(), link: z.string() }).meta({ id: "NotificationAction" })

export const NotificationView = z
  .object({
    id: z.uuid(),
    user_id: z.uuid(),
    category: z.string(),
    title: z.string(),
    body: z.string(),
    data: z.record(z.string(), z.unknown()),
    link: z.string().nullable(),
    actions: z.array(ActionView),
    created_at: z.iso.datetime(),
    visible_at: z.iso.datetime().meta({
      description: "Its place in the list: when it was to appear, or comes back if it is snoozed",
    }),
    expires_at: z.iso.datetime().nullable(),
    is_read: z.boolean(),
    is_seen: z.boolean(),
    is_archived: z.boolean(),
  })
  .meta({ id: "Notification" })

export const NotificationParams = z.object({ id: z.uuid() })

/** A short name in lower case, such as a category's or a template's. */
export const shortName = () =>
  z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "must be a short lower-case name")

const flag = (description: string) =>
  z.enum(["true", "false"], { error: "must be true or false" }).default("false").meta({ description })

export const ListQuery = z.object({
  limit: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, "must be a whole number from 1 to 100")
    .refine((value) => Number(value) <= 100, "must be a whole number from 1 to 100")
    .default("20"),
  cursor: z.string().max(200).optional().meta({ description: "`next_cursor` of the page before" }),
  unread: flag("Only what is unread"),
  archived: flag("What was archived, instead of the rest"),
  category: shortName().optional(),
})

export const NotificationList = z
  .object({ items: z.array(NotificationView), next_cursor: z.string().nullable() })
  .meta({ id: "NotificationList" })

export const UnreadCount = z
  .object({ unread_count: z.int().min(0).meta({ description: "All of them: exact, and never capped" }) })
  .meta({ id: "UnreadCount" })

export const SnoozeBody = z
  .object({ until: z.iso.datetime({ offset: true }).meta({ description: "At most a year from now" }) })
  .meta({ id: "Snooze" })

export const toNotificationView = (item: Notification): z.input<typeof NotificationView> => ({
  id: item.id,
  user_id: item.userId,
  category: item.category,
  title: item.title,
  body: item.body,
  data: item.data,
  link: item.link,
  actions: [...item.actions],
  created_at: item.createdAt.toISOString(),
  visible_at: item.visibleAt.toISOString(),
  expires_at: item.expiresAt?.toISOString() ?? null,
  is_read: item.isRead,
  is_seen: item.isSeen,
  is_archived: item.isArchived,
})
