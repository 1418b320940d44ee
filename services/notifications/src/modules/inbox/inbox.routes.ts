import { route, said, written } from "@gatepost/http"
import {
  ListQuery,
  NotificationList,
  NotificationParams,
  NotificationView,
  SnoozeBody,
  toNotificationView,
  UnreadCount,
} from "./inbox.schemas.js"
import type { InboxService } from "./inbox.service.js"

const own = {
  tag: "Notifications",
  access: { user: "notifications:read" },
  limit: "none",
  callerLimit: "caller",
} as const

export const inboxRoutes = (inbox: InboxService) => [
  route({
    ...own,
    method: "get",
    path: "/notifications",
    summary: "List your notifications, newest first",
    query: ListQuery,
    success: { status: 200, body: NotificationList },
    problems: [],
    revalidated: true,
    handle: async ({ query, caller, context }) => {
      const { unread, archived, category, limit, cursor } = query
      const filter = { unread: unread === "true", archived: archived === "true", category }
      const { items, nextCursor } = await inbox.list(caller.userId, filter, { limit: Number(limit), cursor })
      const json = `{"items":${items},"next_cursor":${JSON.stringify(nextCursor)}}`
      context.revalidate(json)
      return written(json)
    },
  }),
  route({
    ...own,
    method: "get",
    path: "/notifications/unread-count",
    summary: "Count your unread notifications",
    success: { status: 200, body: UnreadCount },
    problems: [],
    revalidated: true,
    handle: async ({ caller, context }) => {
      const unreadCount = await inbox.countUnread(caller.userId)
      context.revalidate(`${caller.userId} ${unreadCount}`)
      return { unread_count: unreadCount }
    },
  }),
  route({
    ...own,
    method: "post",
    path: "/notifications/mark-all-read",
    summary: "Mark all your notifications as read",
    success: { status: 200, body: said("All notifications marked as read") },
    problems: [],
    handle: async ({ caller }) => {
      await inbox.markAllRead(caller.userId)
      return {}
    },
  }),
  route({
    ...own,
    method: "post",
    path: "/notifications/mark-all-seen",
    summary: "Say that you have seen your notifications, read or not",
    success: { status: 200, body: said("All notifications marked as seen") },
    problems: [],
    handle: async ({ caller }) => {
      await inbox.markAllSeen(caller.userId)
      return {}
    },
  }),
  change(inbox, "read", "Mark one of your notifications as read"),
  change(inbox, "unread", "Mark one of your notifications as unread; an archived one comes back"),
  change(inbox, "seen", "Say that you have seen one of your notifications"),
  change(inbox, "archive", "Put away one of your notifications; it counts as read"),
  change(inbox, "unarchive", "Bring back a notification that you put away"),
  route({
    ...own,
    method: "post",
    path: "/notifications/{id}/snooze",
    summary: "Hide one of your notifications; it comes back unread",
    params: NotificationParams,
    body: SnoozeBody,
    success: { status: 200, body: NotificationView },
    problems: ["notification.not-found"],
    handle: async ({ params, body, caller }) =>
      toNotificationView(await inbox.snooze(caller.userId, params.id, new Date(body.until))),
  }),
  route({
    ...own,
    method: "post",
    // Not DELETE of `/notifications/{id}`: every other path of one step would be taken for an id.
    path: "/notifications/{id}/delete",
    summary: "Delete one of your notifications",
    params: NotificationParams,
    success: { status: 200, body: said("Notification deleted") },
    problems: ["notification.not-found"],
    handle: async ({ params, caller }) => {
      await inbox.remove(caller.userId, params.id)
      return {}
    },
  }),
]

const change = (
  inbox: InboxService,
  name: "read" | "unread" | "seen" | "archive" | "unarchive",
  summary: string,
) =>
  route({
    ...own,
    method: "post",
    path: `/notifications/{id}/${name}`,
    summary,
    params: NotificationParams,
    success: { status: 200, body: NotificationView },
    problems: ["notification.not-found"],
    handle: async ({ params, caller }) =>
      toNotificationView(await inbox.change(caller.userId, params.id, name)),
  })
