import { Message, route } from "@gatepost/http"
import type { SessionsService } from "../sessions/index.js"
import {
  CreatedWebhook,
  ReplayBody,
  Replayed,
  RotateWebhookBody,
  toCreatedWebhook,
  toWebhookView,
  WebhookBody,
  WebhookList,
  WebhookParams,
  WebhookView,
} from "./webhooks.schemas.js"
import type { Webhooks } from "./webhooks.service.js"

const ACCESS = { user: "webhooks:write" } as const

/** Of the admin port. */
export const webhooksRoutes = (webhooks: Webhooks, sessions: Pick<SessionsService, "assertFresh">) => [
  route({
    method: "get",
    path: "/admin/webhooks",
    summary: "List the webhooks",
    tag: "Webhooks",
    access: ACCESS,
    limit: "none",
    success: { status: 200, body: WebhookList },
    problems: [],
    handle: async () => ({ items: (await webhooks.list()).map(toWebhookView), next_cursor: null }),
  }),
  route({
    method: "post",
    path: "/admin/webhooks",
    summary: "Have somebody told of events; the secret is shown this once",
    tag: "Webhooks",
    access: ACCESS,
    limit: "none",
    body: WebhookBody,
    success: { status: 201, body: CreatedWebhook },
    problems: ["mfa.step-up-required", "webhook.too-many"],
    handle: async ({ body: { url, event_types: eventTypes }, caller, context }) => {
      await sessions.assertFresh(caller)
      return toCreatedWebhook(await webhooks.create(caller, { url, eventTypes }, context))
    },
  }),
  route({
    method: "post",
    path: "/admin/webhooks/{id}/rotate",
    summary: "Give a webhook a new secret; for a while the old one signs as well",
    tag: "Webhooks",
    access: ACCESS,
    limit: "none",
    params: WebhookParams,
    body: RotateWebhookBody,
    success: { status: 200, body: CreatedWebhook },
    problems: ["mfa.step-up-required", "webhook.not-found"],
    handle: async ({ params, body, caller, context }) => {
      await sessions.assertFresh(caller)
      return toCreatedWebhook(await webhooks.rotate(caller, params.id, body.overlap_seconds, context))
    },
  }),
  route({
    method: "post",
    path: "/admin/webhooks/{id}/enable",
    summary: "Go on with a webhook whose receiver had answered 410",
    tag: "Webhooks",
    access: ACCESS,
    limit: "none",
    params: WebhookParams,
    success: { status: 200, body: WebhookView },
    problems: ["webhook.not-found"],
    handle: async ({ params, caller, context }) =>
      toWebhookView(await webhooks.enable(caller, params.id, context)),
  }),
  route({
    method: "post",
    path: "/admin/webhooks/{id}/replay",
    summary: "Tell a webhook once more of all events after a place in the feed",
    tag: "Webhooks",
    access: ACCESS,
    limit: "none",
    params: WebhookParams,
    body: ReplayBody,
    success: { status: 202, body: Replayed },
    problems: ["webhook.not-found"],
    handle: async ({ params, body }) => ({ events: await webhooks.replay(params.id, Number(body.after)) }),
  }),
  route({
    method: "delete",
    path: "/admin/webhooks/{id}",
    summary: "Delete a webhook, with what it was not told yet",
    tag: "Webhooks",
    access: ACCESS,
    limit: "none",
    params: WebhookParams,
    success: { status: 200, body: Message },
    problems: ["webhook.not-found"],
    handle: async ({ params, caller, context }) => {
      await webhooks.remove(caller, params.id, context)
      return { message: "Webhook deleted" }
    },
  }),
]
