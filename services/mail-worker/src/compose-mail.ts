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
  const { app, unsubscribe_url } = content.payload
  // Check 102: once more, since a row may come from elsewhere than our outbox.
  if (!isSingleAddress(claim.recipient)) throw new InvalidMailError("the recipient must be one bare address")

  const { language, ...texts } = renderMail(content, claim.locale)
  return {
    ...texts,
    id: claim.id,
    from: { name: oneLine(app.name), address: app.from },
    to: claim.recipient,
    messageId: claim.messageId,
    date: claim.createdAt,
    headers: {
      // RFC 3834 section 5: nobody's holiday notice answers it.
      "Auto-Submitted": "auto-generated",
      "Content-Language": language,
      ...(unsubscribe_url && unsubscribeHeaders(unsubscribe_url)),
    },
  }
}

/** RFC 8058: mail programs show a button, and mean it with one POST. */
function unsubscribeHeaders(url: string): Record<string, string> {
  const { href, protocol } = new URL(url)
  const header = { "List-Unsubscribe": `<${href}>` }
  // Section 3.1: the POST is for https alone; on a developer's machine the link is all there is.
  return protocol === "https:" ? { ...header, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" } : header
}
