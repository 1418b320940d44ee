import { createHash } from "node:crypto"
import type { SmtpSink } from "@gatepost/testkit"
import type { Arrived } from "../mail/receiver.js"

/** What arrived, as the mail campaign's invariants want it. */
export function arrivedAt(mailbox: SmtpSink): { arrived: Arrived; recipients: Set<string> } {
  const arrived: Arrived = new Map()
  const recipients = new Set<string>()
  for (const { messageId = "", raw, recipients: to } of mailbox.mails()) {
    const copies = arrived.get(messageId) ?? []
    arrived.set(messageId, [...copies, createHash("sha256").update(raw).digest("base64")])
    for (const recipient of to) recipients.add(recipient)
  }
  return { arrived, recipients }
}
