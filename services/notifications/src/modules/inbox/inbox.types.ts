export interface Notification {
  id: string
  userId: string
  category: string
  title: string
  body: string
  data: Record<string, unknown>
  createdAt: Date
  isRead: boolean
}

/** Where a page of the list ends: keyset, so that new items never shift the next page. */
export interface Position {
  createdAt: string
  id: string
}
