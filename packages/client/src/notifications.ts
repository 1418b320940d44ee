import type { Api } from "./api.js"
import {
  isMessage,
  isNotification,
  isNotificationList,
  type Message,
  type Notification,
  type NotificationList,
} from "./wire.js"

export interface Notifications {
  /** A page, newest first. `limit` is 1 to 100, 20 if unset; `cursor` is the `next_cursor` of the page before. */
  list(page?: { limit?: number; cursor?: string | null }): Promise<NotificationList>
  markRead(id: string): Promise<Notification>
  markAllRead(): Promise<Message>
}

export function createNotifications({ authorised }: Api): Notifications {
  return {
    list({ limit, cursor } = {}) {
      const query = [limit && `limit=${limit}`, cursor && `cursor=${encodeURIComponent(cursor)}`]
      const search = query.filter(Boolean).join("&")
      const path = `/v1/notifications${search && `?${search}`}`
      return authorised.repeatable({ method: "GET", path }, isNotificationList)
    },
    markRead: (id) =>
      authorised.repeatable(
        { method: "POST", path: `/v1/notifications/${encodeURIComponent(id)}/read` },
        isNotification,
      ),
    // Once: a repeat would also mark what came in between.
    markAllRead: () =>
      authorised.once({ method: "POST", path: "/v1/notifications/mark-all-read" }, isMessage),
  }
}
