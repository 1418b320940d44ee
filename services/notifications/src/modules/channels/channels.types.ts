/** A notification, for the channels beside the inbox. */
export interface OutgoingMessage {
  /** The notification's: a second one with the same id for the same user does nothing. */
  id: string
  userId: string
  /** `client_id` of who sent it. */
  sender: string
  category: string
  title: string
  body: string
  /** Where to read on: a page, or a deep link of the app. */
  link?: string | undefined
  data?: Record<string, unknown> | undefined
  /** Now, if unset. */
  notBefore?: Date | undefined
  /** After this nothing is sent any more. */
  expiresAt?: Date | undefined
}

/** The same for everyone. */
export type BroadcastMessage = Omit<OutgoingMessage, "userId">

export interface StoredMessage {
  id: string
  userId: string
  sender: string
  category: string
  title: string
  body: string
  link: string | undefined
  data: Record<string, unknown>
  createdAt: Date
  isExpired: boolean
}

export type Outcome =
  | "sent"
  /** In the inbox, before it went out. */
  | "read"
  | "expired"
  /** By who was to bring it, for good. */
  | "refused"
  /** The device is dead, or somebody else's. */
  | "gone"
  /** There is no verified address, or no account any more. */
  | "unreachable"
  /** Preferences changed on the way. */
  | "unwanted"
  | "throttled"

/** One message on one channel; `digest` is what waits for the next summary. */
export interface Delivery {
  id: string
  channel: "email" | "digest" | "push"
  message: StoredMessage
}

/** This process alone has it until its lease is over. */
export interface PushDelivery extends Delivery {
  deviceId: string
  /** This one included. */
  tries: number
  /** Seconds since it was planned. */
  age: number
  secondsLeft: number
  /** Null outside the quiet hours of its person. */
  quietUntil: Date | null
}

export interface Limits {
  /** To one person; what is beyond waits for the digest. */
  mailsPerHour: number
  /** To one person; what is beyond stays in the inbox alone. */
  pushesPerHour: number
}
