import { z } from "zod"
import { ActionView, type Message, NotificationView, shortName } from "../inbox/index.js"
import { SECURITY_CATEGORY } from "../preferences/index.js"
import type { Draft } from "./sending.types.js"

const text = (max: number) => z.string().trim().min(1, "must not be empty").max(max)

const YEAR_MS = 366 * 86_400_000
const SHORTEST_LIFE_MS = 60_000
// Whoever opens one of these runs what the sender wrote, or shows what lies on the device.
const REFUSED_SCHEME = /^(javascript|data|vbscript|file|blob|about|view-source):/i
const LINK = /^(https?:\/\/[^\s/]|\/(?!\/)|[a-z][a-z0-9+.-]{1,30}:\/\/[^\s])\S*$/i

const link = z
  .string()
  .max(2_000)
  .regex(LINK, "must be a URL, an app's link, or a path")
  .refine((value) => !REFUSED_SCHEME.test(value), "must be a URL, an app's link, or a path")

const time = (description: string) => z.iso.datetime({ offset: true }).optional().meta({ description })

const draft = {
  title: text(200).optional().meta({ description: "Needed without a template" }),
  body: text(2_000).optional().meta({ description: "Needed without a template" }),
  template: shortName().optional().meta({ description: "A template of yours, instead of title and body" }),
  variables: z
    .record(z.string().regex(/^[a-z][a-z0-9_]{0,39}$/), z.union([z.string().max(500), z.number()]))
    .default({})
    .meta({ description: "For the template" }),
  category: shortName()
    .refine((name) => name !== SECURITY_CATEGORY, "is kept for what concerns the account itself")
    .default("general"),
  data: z.record(z.string(), z.unknown()).default({}).meta({ description: "Anything the app wants back" }),
  link: link.optional().meta({ description: "What opens: a URL, an app's link, or a path" }),
  actions: z
    .array(z.object({ ...ActionView.shape, label: text(40), link }))
    .max(4)
    .default([]),
  send_at: time("Nobody sees it before; at most a year from now"),
  expires_at: time("Nobody sees it after; at least a minute after it is sent"),
}

type DraftBody = z.output<z.ZodObject<typeof draft>>

/** What no single member tells. */
const check = (body: DraftBody, context: z.RefinementCtx) => {
  const refuse = (name: string, message: string) =>
    context.addIssue({ code: "custom", path: [name], message })
  for (const name of ["title", "body"] as const) {
    if ((body[name] === undefined) === (body.template === undefined))
      refuse(name, body.template === undefined ? "is needed" : "can't be with a template")
  }
  const now = Date.now()
  const sent = body.send_at === undefined ? now : Math.max(now, Date.parse(body.send_at))
  if (sent > now + YEAR_MS) refuse("send_at", "must be within a year")
  if (body.expires_at === undefined) return
  const end = Date.parse(body.expires_at)
  if (end < sent + SHORTEST_LIFE_MS) refuse("expires_at", "must be at least a minute after it is sent")
  if (end > sent + 10 * YEAR_MS) refuse("expires_at", "must be within ten years")
}

export const CreateNotificationBody = z
  .object({ user_id: z.uuid(), ...draft })
  .superRefine(check)
  .meta({ id: "CreateNotification" })

export const CreateNotificationsBody = z
  .object({
    user_ids: z.array(z.uuid()).min(1, "must not be empty").max(1_000, "must be at most 1,000").meta({
      description: "Each gets a notification of their own, however often they are named",
    }),
    ...draft,
  })
  .superRefine(check)
  .meta({ id: "CreateNotifications" })

export const CreateBroadcastBody = z
  .object({
    ...draft,
    expires_at: time("Nobody sees it after; 90 days after it is sent if unset, and at most a year"),
  })
  .superRefine(check)
  .superRefine(({ send_at, expires_at }, context) => {
    const sent = Math.max(Date.now(), Date.parse(send_at ?? "") || 0)
    if (expires_at === undefined || Date.parse(expires_at) <= sent + YEAR_MS) return
    context.addIssue({ code: "custom", path: ["expires_at"], message: "must be within a year" })
  })
  .meta({ id: "CreateBroadcast" })

export const CreatedNotifications = z
  .object({ items: z.array(z.object({ id: z.uuid(), user_id: z.uuid() })) })
  .meta({ id: "CreatedNotifications" })

export const BroadcastView = NotificationView.omit({
  user_id: true,
  is_read: true,
  is_seen: true,
  is_archived: true,
})
  .extend({ expires_at: z.iso.datetime() })
  .meta({ id: "Broadcast" })

export function toDraft(sender: string, body: DraftBody): Draft {
  const { title = "", body: text = "", template, variables } = body
  return {
    sender,
    texts: template === undefined ? { title, body: text } : { template, variables },
    category: body.category,
    data: body.data,
    link: body.link ?? null,
    actions: body.actions,
    sendAt: body.send_at === undefined ? undefined : new Date(body.send_at),
    expiresAt: body.expires_at === undefined ? undefined : new Date(body.expires_at),
  }
}

export const toBroadcastView = (
  id: string,
  message: Message & { expiresAt: Date },
  { createdAt, visibleAt }: { createdAt: Date; visibleAt: Date },
): z.input<typeof BroadcastView> => ({
  id,
  category: message.category,
  title: message.title,
  body: message.body,
  data: message.data,
  link: message.link,
  actions: [...message.actions],
  created_at: createdAt.toISOString(),
  visible_at: visibleAt.toISOString(),
  expires_at: message.expiresAt.toISOString(),
})
