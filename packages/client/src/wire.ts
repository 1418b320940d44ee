/** A person, as every call tells of them. */
export interface User {
  id: string
  email: string
  name?: string
  is_active: boolean
  email_verified: boolean
  created_at: string
}

export interface Message {
  message: string
}

export interface Notification {
  id: string
  user_id: string
  category: string
  title: string
  body: string
  data: Record<string, unknown>
  link: string | null
  actions: { label: string; link: string }[]
  created_at: string
  /** Its place in the list. */
  visible_at: string
  expires_at: string | null
  is_read: boolean
  is_seen: boolean
  is_archived: boolean
}

export interface NotificationList {
  items: Notification[]
  /** `cursor` of the next page; null at the end. */
  next_cursor: string | null
}

export interface TokenResponse {
  access_token: string
  refresh_token: string
  /** Seconds. */
  expires_in: number
  user: User
  mfa_device_token?: string
  device_token?: string
}

/** Tells our answers from whatever else may come with a 200; looks no further, so that answers may grow. */
export type Accept<Answer> = (value: unknown) => value is Answer

export const isUser: Accept<User> = (value): value is User => isObject(value) && isText(value.id)

export const isMessage: Accept<Message> = (value): value is Message =>
  isObject(value) && typeof value.message === "string"

export const isNotification: Accept<Notification> = (value): value is Notification =>
  isObject(value) && isText(value.id) && typeof value.is_read === "boolean"

export const isNotificationList: Accept<NotificationList> = (value): value is NotificationList =>
  isObject(value) && Array.isArray(value.items)

export const isUnreadCount: Accept<{ unread_count: number }> = (value): value is { unread_count: number } =>
  isObject(value) && Number.isInteger(value.unread_count)

export const isTokenResponse: Accept<TokenResponse> = (value): value is TokenResponse =>
  isObject(value) &&
  isText(value.access_token) &&
  isText(value.refresh_token) &&
  Number.isFinite(value.expires_in) &&
  isUser(value.user)

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null

export const isText = (value: unknown): value is string => typeof value === "string" && value !== ""
