export interface Action {
  label: string
  link: string
}

/** What a sender wants to be read, by whomever. */
export interface Message {
  sender: string
  category: string
  title: string
  body: string
  data: Record<string, unknown>
  link: string | null
  actions: readonly Action[]
  /** Nobody sees it before; if unset, at once. */
  sendAt?: Date | undefined
  expiresAt?: Date | undefined
}

export interface Recipient {
  /** Of the notification this user gets. */
  id: string
  userId: string
}

/** An item as its user sees it, wherever it comes from. */
export interface Notification {
  id: string
  userId: string
  category: string
  title: string
  body: string
  data: Record<string, unknown>
  link: string | null
  actions: readonly Action[]
  createdAt: Date
  /** Its place in the list: when it first could be seen, or came back. */
  visibleAt: Date
  expiresAt: Date | null
  isRead: boolean
  isSeen: boolean
  isArchived: boolean
}

export interface Filter {
  unread: boolean
  archived: boolean
  category: string | undefined
}

/** Where a page of the list ends: keyset, so that new items never shift the next page. */
export interface Position {
  visibleAt: string
  id: string
}

/** Changes of one item; `delete` is for good. */
export type Change = "read" | "unread" | "seen" | "archive" | "unarchive" | "snooze" | "delete"
