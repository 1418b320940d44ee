import { route } from "@gatepost/http"
import { type InboxService, UnreadCount } from "../inbox/index.js"

export const streamRoutes = (inbox: InboxService) => [
  route({
    method: "get",
    path: "/notifications/stream",
    summary:
      "With `Accept: text/event-stream`, hear `event: inbox` whenever your inbox may have changed; else, your unread count",
    tag: "Notifications",
    access: { user: "notifications:read" },
    limit: "none",
    callerLimit: "caller",
    success: { status: 200, body: UnreadCount },
    problems: [],
    handle: async ({ caller }) => ({ unread_count: await inbox.countUnread(caller.userId) }),
  }),
]
