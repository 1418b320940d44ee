import type { MailKind, MailPayload } from "@gatepost/contracts"
import type { MailContent } from "@gatepost/mail-queue"
import { confirmNewEmail } from "./confirm-new-email.mail.js"
import { emailChanged } from "./email-changed.mail.js"
import type { RenderedMail } from "./letter.js"
import { passwordChanged } from "./password-changed.mail.js"
import { resetPassword } from "./reset-password.mail.js"
import { sessionRevoked } from "./session-revoked.mail.js"
import { verifyEmail } from "./verify-email.mail.js"

type Templates = {
  [Kind in MailKind]: (payload: MailPayload<Kind>, locale: string | undefined) => RenderedMail
}

const templates: Templates = {
  "verify-email": verifyEmail,
  "reset-password": resetPassword,
  "confirm-new-email": confirmNewEmail,
  "email-changed": emailChanged,
  "password-changed": passwordChanged,
  "session-revoked": sessionRevoked,
}

/**
 * Writes a mail: subject, HTML and plain text.
 *
 * @throws InvalidMailError when its link is none
 */
export function renderMail<Kind extends MailKind>(
  content: { kind: Kind; payload: MailPayload<Kind> } & MailContent,
  locale: string | undefined,
): RenderedMail {
  const template: Templates[Kind] = templates[content.kind]
  return template(content.payload, locale)
}
