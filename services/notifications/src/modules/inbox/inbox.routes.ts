import { route, said } from "@gatepost/http"
import {
  CreateNotificationBody,
  ListQuery,
  NotificationList,
  NotificationParams,
  NotificationView,
  toNotificationView,
} from "./inbox.schemas.js"
import type { InboxService } from "./inbox.service.js"

export const inboxRoutes = (inbox: InboxService) => [
  route({
    method: "post",
    path: "/notifications",
    summary: "Send a notification to a user",
    tag: "Notifications",
    access: { service: "notifications:write" },
    limit: "none",
    body: CreateNotificationBody,
    success: { status: 201, body: NotificationView },
    problems: [],
    idempotent: true,
    handle: async ({ body: { user_id, ...message }, caller, context }) =>
      inbox.send(caller, { ...message, userId: user_id }, context),
  }),
  route({
    method: "get",
    path: "/notifications",
    summary: "List your notifications, newest first",
    tag: "Notifications",
    access: { user: "notifications:read" },
    limit: "none",
    query: ListQuery,
    success: { status: 200, body: NotificationList },
    problems: [],
    handle: async ({ query, caller }) => {
      const page = await inbox.list(caller.userId, { limit: Number(query.limit), cursor: query.cursor })
      return { items: page.items.map(toNotificationView), next_cursor: page.nextCursor }
    },
  }),
  route({
    method: "post",
    path: "/notifications/mark-all-read",
    summary: "Mark all your notifications as read",
    tag: "Notifications",
    access: { user: "notifications:read" },
    limit: "none",
    success: { status: 200, body: said("All notifications marked as read") },
    problems: [],
    handle: async ({ caller }) => {
      await inbox.markAllRead(caller.userId)
      return {}
    },
  }),
  route({
    method: "post",
    path: "/notifications/{id}/read",
    summary: "Mark one of your notifications as read",
    tag: "Notifications",
    access: { user: "notifications:read" },
    limit: "none",
    params: NotificationParams,
    success: { status: 200, body: NotificationView },
    problems: ["notification.not-found"],
    handle: async ({ params, caller }) => toNotificationView(await inbox.markRead(caller.userId, params.id)),
  }),
]
