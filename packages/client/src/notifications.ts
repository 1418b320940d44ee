import type { Api } from "./api.js"
import { createUnreadCount, type UnreadCount, type UnreadCountDeps } from "./unread-count.js"
import {
  isMessage,
  isNotification,
  isNotificationList,
  isUnreadCount,
  type Message,
  type Notification,
  type NotificationList,
} from "./wire.js"

export interface ListOptions {
  /** 1 to 100, 20 if unset. */
  limit?: number
  /** The `next_cursor` of the page before, of the same list. */
  cursor?: string | null
  unread?: boolean
  archived?: boolean
  category?: string
}

export interface Notifications {
  /** A page, newest first. */
  list(options?: ListOptions): Promise<NotificationList>
  /** How many are unread: exact, and never capped. */
  countUnread(): Promise<number>
  /** The same for a badge, kept up to date while somebody listens. */
  unread: UnreadCount
  markRead(id: string): Promise<Notification>
  markUnread(id: string): Promise<Notification>
  archive(id: string): Promise<Notification>
  /** Hides it; it comes back unread. */
  snooze(id: string, until: Date): Promise<Notification>
  delete(id: string): Promise<Message>
  markAllRead(): Promise<Message>
  markAllSeen(): Promise<Message>
}

export function createNotifications(
  { authorised }: Api,
  following: Omit<UnreadCountDeps, "count">,
): Notifications {
  const pathOf = (id: string, change: string) => `/v1/notifications/${encodeURIComponent(id)}/${change}`
  const change = (id: string, name: string, json?: unknown) =>
    authorised.repeatable(
      { method: "POST", path: pathOf(id, name), ...(json !== undefined && { json }) },
      isNotification,
    )
  // Once: a repeat would also mark what came in between.
  const once = (path: string) => authorised.once({ method: "POST", path }, isMessage)

  const countUnread = async () => {
    const call = { method: "GET", path: "/v1/notifications/unread-count" } as const
    return (await authorised.repeatable(call, isUnreadCount)).unread_count
  }

  return {
    list(options = {}) {
      const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== null)
      const search = given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&")
      const path = `/v1/notifications${search && `?${search}`}`
      return authorised.repeatable({ method: "GET", path }, isNotificationList)
    },
    countUnread,
    unread: createUnreadCount({ ...following, count: countUnread }),
    markRead: (id) => change(id, "read"),
    markUnread: (id) => change(id, "unread"),
    archive: (id) => change(id, "archive"),
    snooze: (id, until) => change(id, "snooze", { until: until.toISOString() }),
    // Once: a repeat would say that there is no such notification.
    delete: (id) => once(pathOf(id, "delete")),
    markAllRead: () => once("/v1/notifications/mark-all-read"),
    markAllSeen: () => once("/v1/notifications/mark-all-seen"),
  }
}
