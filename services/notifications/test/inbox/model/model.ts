/** What an inbox should be, said as simply as possible: every item of every user, in hours since the run began. */

export const HIDING = ["deleted", "archived"] as const

interface Item {
  id: string
  category: string
  /** The order of creation, and of coming back. */
  turn: number
  visibleAt: number
  expiresAt: number
  unread: boolean
  archived: boolean
  deleted: boolean
}

export type Change = "read" | "unread" | "seen" | "archive" | "unarchive" | "snooze" | "delete"

export function createModel(users: readonly string[]) {
  const items = new Map(users.map((user) => [user, new Map<string, Item>()]))
  let hour = 0
  let turn = 0

  const of = (user: string) => [...(items.get(user)?.values() ?? [])]
  const isThere = (item: Item | undefined): item is Item =>
    item !== undefined && !item.deleted && item.visibleAt <= hour && item.expiresAt > hour

  return {
    elapse(hours: number) {
      hour += hours
    },
    create(user: string, id: string, category: string, inHours: number, lifeHours: number | undefined) {
      const visibleAt = hour + inHours
      const expiresAt = lifeHours === undefined ? Number.POSITIVE_INFINITY : visibleAt + lifeHours
      const item = { id, category, turn: turn++, visibleAt, expiresAt, unread: true }
      items.get(user)?.set(id, { ...item, archived: false, deleted: false })
    },
    /** @returns whether there is such an item to change */
    change(user: string, id: string, change: Change, hours = 0): boolean {
      const item = items.get(user)?.get(id)
      if (!isThere(item)) return false
      if (change === "snooze" && item.expiresAt <= hour + hours) return false
      if (change === "read" || change === "archive") item.unread = false
      if (change === "unread" || change === "snooze") item.unread = true
      if (change === "archive") item.archived = true
      if (change === "unread" || change === "unarchive" || change === "snooze") item.archived = false
      if (change === "delete") item.deleted = true
      if (change === "snooze") Object.assign(item, { visibleAt: hour + hours, turn: turn++ })
      return true
    },
    markAllRead(user: string) {
      for (const item of of(user)) if (isThere(item)) item.unread = false
    },
    ids: (user: string) => of(user).map(({ id }) => id),
    count: (user: string) => of(user).filter((item) => isThere(item) && item.unread && !item.archived).length,
    list(user: string, filter: { unread: boolean; archived: boolean; category: string | undefined }) {
      const shown = of(user).filter(
        (item) =>
          isThere(item) &&
          item.archived === filter.archived &&
          (!filter.unread || item.unread) &&
          (filter.category === undefined || item.category === filter.category),
      )
      shown.sort((a, b) => b.visibleAt - a.visibleAt || b.turn - a.turn)
      return shown.map(({ id, unread }) => ({ id, isRead: !unread }))
    },
  }
}
