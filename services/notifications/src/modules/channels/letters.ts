import type { MailNotice, MailPayload } from "@gatepost/contracts"
import type { Contact, MailSender } from "../contacts/index.js"
import { DEFAULT_CATEGORY } from "../preferences/index.js"
import type { Delivery, StoredMessage } from "./channels.types.js"

/** Whom a mail goes to, and from whom. */
export interface Correspondents {
  contact: Contact & { email: string }
  sender: MailSender
  /** In the link that ends such mails. */
  unsubscribeKey: string
  timeZone: string
}

// More than a page nobody reads; the rest is a number.
const MAX_NOTICES = 20

/** What the mail of one or of several notifications says. */
export function letterOf(deliveries: readonly Delivery[], to: Correspondents, publicUrl: string) {
  const messages = deliveries.map(({ message }) => message)
  const header = headerOf(messages, to, publicUrl)
  const [first] = deliveries
  if (first?.channel === "email") {
    const payload: MailPayload<"notification"> = { ...header, ...noticeOf(first.message) }
    return { kind: "notification", payload, dedupKey: `notification ${first.id}` } as const
  }
  // The newest are worth most.
  const notices = messages.slice(-MAX_NOTICES).map(noticeOf)
  const payload: MailPayload<"notification-digest"> = {
    ...header,
    notices,
    more: messages.length - notices.length,
    time_zone: to.timeZone,
  }
  return { kind: "notification-digest", payload, dedupKey: `digest ${first?.id}` } as const
}

function headerOf(
  messages: StoredMessage[],
  { contact, sender, unsubscribeKey }: Correspondents,
  publicUrl: string,
) {
  const firstName = contact.name?.split(" ")[0]
  const categories = [...new Set(messages.map(({ category }) => category))]
  const category = categories.length === 1 ? categories[0] : undefined
  const query = new URLSearchParams({
    key: unsubscribeKey,
    category: category ?? DEFAULT_CATEGORY,
    app: messages[0]?.sender ?? "",
  })
  return {
    app: sender,
    ...(firstName && { greeting_name: firstName }),
    // A mail that is about several things is ended with all of them.
    unsubscribe_url: `${publicUrl}/notifications/unsubscribe?${query}`,
  }
}

const noticeOf = ({ title, body, createdAt, link }: StoredMessage): MailNotice => ({
  title,
  body,
  created_at: createdAt.toISOString(),
  // Of what is no link in a mail, the text is still worth sending.
  ...(link !== undefined && isLink(link) && { link }),
})

const isLink = (link: string) => URL.canParse(link) && !/^(javascript|data|vbscript|file):/i.test(link)
