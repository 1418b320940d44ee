import { z } from "zod"
import { EventPosition, EventType } from "../events/index.js"
import type { WebhookRecord } from "./webhooks.repository.js"
import type { ShownWebhook } from "./webhooks.service.js"

const DAY_SECONDS = 86_400

export const WebhookParams = z.object({ id: z.uuid() })

export const WebhookBody = z
  .object({
    url: z.string().min(1).max(2_000).meta({ format: "uri", example: "https://api.example.com/gatepost" }),
    event_types: z.array(EventType).min(1).max(EventType.options.length),
  })
  .meta({ id: "CreateWebhook" })

export const RotateWebhookBody = z
  .object({
    overlap_seconds: z
      .int()
      .min(0)
      .max(7 * DAY_SECONDS)
      .default(DAY_SECONDS)
      .meta({ description: "How long the old secret signs as well" }),
  })
  .meta({ id: "RotateWebhook" })

export const ReplayBody = z
  .object({ after: EventPosition.meta({ description: "The `seq` of the last event that was taken" }) })
  .meta({ id: "ReplayWebhook" })

export const Replayed = z.object({ events: z.int() }).meta({ id: "Replayed" })

export const WebhookView = z
  .object({
    id: z.uuid(),
    url: z.string(),
    event_types: z.array(z.string()),
    created_at: z.iso.datetime(),
    disabled_at: z.iso.datetime().nullable().meta({ description: "Since its receiver said that it is gone" }),
    pending: z.int().meta({ description: "Events that it has not taken yet" }),
    last_answer: z.string().nullable(),
  })
  .meta({ id: "Webhook" })

export const CreatedWebhook = WebhookView.extend({
  secret: z.string().meta({ description: "`whsec_…`, which verifies signatures; shown this once" }),
}).meta({ id: "CreatedWebhook" })

export const WebhookList = z
  .object({ items: z.array(WebhookView), next_cursor: z.null() })
  .meta({ id: "WebhookList" })

export const toWebhookView = (webhook: WebhookRecord): z.input<typeof WebhookView> => ({
  id: webhook.id,
  url: webhook.url,
  event_types: webhook.eventTypes,
  created_at: webhook.createdAt.toISOString(),
  disabled_at: webhook.disabledAt?.toISOString() ?? null,
  pending: webhook.pending,
  last_answer: webhook.lastAnswer ?? null,
})

export const toCreatedWebhook = ({ webhook, secret }: ShownWebhook): z.input<typeof CreatedWebhook> => ({
  ...toWebhookView(webhook),
  secret,
})
