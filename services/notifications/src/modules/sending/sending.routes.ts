import { route } from "@gatepost/http"
import { NotificationView } from "../inbox/index.js"
import {
  BroadcastView,
  CreateBroadcastBody,
  CreatedNotifications,
  CreateNotificationBody,
  CreateNotificationsBody,
  toDraft,
} from "./sending.schemas.js"
import type { SendingService } from "./sending.service.js"

const senders = {
  tag: "Sending",
  access: { service: "notifications:write" },
  limit: "none",
  idempotent: true,
} as const

export const sendingRoutes = (sending: SendingService) => [
  route({
    ...senders,
    method: "post",
    path: "/notifications",
    summary: "Send a notification to a user",
    body: CreateNotificationBody,
    success: { status: 201, body: NotificationView },
    problems: [],
    handle: async ({ body, caller, context }) =>
      sending.send(toDraft(caller.clientId, body), body.user_id, context),
  }),
  route({
    ...senders,
    method: "post",
    path: "/notifications/batch",
    summary: "Send a notification to each of up to 1,000 users",
    body: CreateNotificationsBody,
    success: { status: 201, body: CreatedNotifications },
    problems: [],
    handle: async ({ body, caller, context }) =>
      sending.sendToMany(toDraft(caller.clientId, body), body.user_ids, context),
  }),
  route({
    ...senders,
    method: "post",
    path: "/notifications/broadcasts",
    summary: "Tell everyone who has joined",
    body: CreateBroadcastBody,
    success: { status: 201, body: BroadcastView },
    problems: ["broadcast.too-many"],
    handle: async ({ body, caller, context }) => sending.broadcast(toDraft(caller.clientId, body), context),
  }),
]
