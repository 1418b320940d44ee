export type { Accounts, Credentials, MfaAnswer, Session, SignedIn, StepUpProof } from "./accounts.js"
export { type Client, createClient } from "./client.js"
export type { Clock } from "./clock.js"
export {
  ApiError,
  type FieldError,
  type MfaChallenge,
  NetworkError,
  type NetworkErrorReason,
  type Problem,
  SignedOutError,
} from "./errors.js"
export type { ListOptions, Notifications } from "./notifications.js"
export type { ClientOptions } from "./options.js"
export type { SessionEvent, SignOutReason } from "./session-store.js"
export { memoryStorage, type StorageAdapter, type WebStorageArea, webStorage } from "./storage.js"
export type { Locks } from "./tab-lock.js"
export type { Fetch } from "./transport.js"
export type { UnreadCount } from "./unread-count.js"
export type { Message, Notification, NotificationList, User } from "./wire.js"
