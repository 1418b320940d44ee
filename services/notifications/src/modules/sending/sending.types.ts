import type { Db } from "@gatepost/postgres"
import type { Message } from "../inbox/index.js"

/** What goes to a user by other ways than the inbox. */
export interface OutgoingMessage {
  /** The notification's. */
  id: string
  userId: string
  sender: string
  category: string
  title: string
  body: string
  link?: string | undefined
  data?: Record<string, unknown>
  notBefore?: Date | undefined
  /** After that nothing is sent any more. */
  expiresAt?: Date | undefined
}

/** E-mail and push, told within the transaction that fills the inboxes. */
export interface Channels {
  enqueue(trx: Db, messages: readonly OutgoingMessage[]): Promise<void>
  enqueueBroadcast(trx: Db, message: Omit<OutgoingMessage, "userId">): Promise<void>
}

export type Texts =
  | { title: string; body: string }
  | { template: string; variables: Record<string, string | number> }

/** A message as its sender words it. */
export type Draft = Omit<Message, "title" | "body"> & { texts: Texts }
