import { type Claim, InvalidMailError, isSingleAddress, type MailContent } from "@gatepost/mail-queue"
import { renderMail } from "./mails/index.js"
import { oneLine } from "./mails/user-text.js"
import type { WireMail } from "./transport.js"

/**
 * Makes a mail of its row: rendered, and with headers that are the same for every attempt.
 *
 * @throws InvalidMailError when it may not be sent as it is
 */
export function composeMail(claim: Claim, content: MailContent): WireMail {
  const { app } = content.payload
  // Check 102: once more, since a row may come from elsewhere than our outbox.
  if (!isSingleAddress(claim.recipient)) throw new InvalidMailError("the recipient must be one bare address")

  return {
    ...renderMail(content, claim.locale),
    id: claim.id,
    from: { name: oneLine(app.name), address: app.from },
    to: claim.recipient,
    messageId: claim.messageId,
    date: claim.createdAt,
  }
}
