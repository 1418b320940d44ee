import { z } from "zod"
import type { Notification } from "./inbox.types.js"

const text = (max: number) => z.string().trim().min(1, "must not be empty").max(max)

export const CreateNotificationBody = z
  .object({
    user_id: z.uuid(),
    title: text(200),
    body: text(2_000),
    category: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "must be a short lower-case name")
      .default("general"),
    data: z.record(z.string(), z.unknown()).default({}).meta({ description: "Anything the app wants back" }),
  })
  .meta({ id: "CreateNotification" })

export const NotificationView = z
  .object({
    id: z.uuid(),
    user_id: z.uuid(),
    category: z.string(),
    title: z.string(),
    body: z.string(),
    data: z.record(z.string(), z.unknown()),
    created_at: z.iso.datetime(),
    is_read: z.boolean(),
  })
  .meta({ id: "Notification" })

export const NotificationParams = z.object({ id: z.uuid() })

export const ListQuery = z.object({
  limit: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, "must be a whole number from 1 to 100")
    .refine((value) => Number(value) <= 100, "must be a whole number from 1 to 100")
    .default("20"),
  cursor: z.string().max(200).optional().meta({ description: "`next_cursor` of the page before" }),
})

export const NotificationList = z
  .object({ items: z.array(NotificationView), next_cursor: z.string().nullable() })
  .meta({ id: "NotificationList" })

export const toNotificationView = (item: Notification): z.input<typeof NotificationView> => ({
  id: item.id,
  user_id: item.userId,
  category: item.category,
  title: item.title,
  body: item.body,
  data: item.data,
  created_at: item.createdAt.toISOString(),
  is_read: item.isRead,
})
