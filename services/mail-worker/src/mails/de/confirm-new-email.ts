import type { LetterOf } from "../letter.js"
import { duration } from "./phrases.js"

export const confirmNewEmail: LetterOf<"confirm-new-email"> = ({ app, link, code, expires_in_minutes }) => ({
  subject: `Bestätigen Sie Ihre neue E-Mail für ${app.name}`,
  heading: "Neue E-Mail bestätigen",
  paragraphs: [`Bitte bestätigen Sie, dass dies die neue Adresse Ihres Kontos bei ${app.name} ist.`],
  action: { label: "Neue E-Mail bestätigen", link },
  code: code && {
    lead: `Oder geben Sie diesen Code in ${app.name} ein. Er gilt ${duration(code.expires_in_minutes)}.`,
    digits: code.digits,
  },
  notes: [
    `Der Link gilt ${duration(expires_in_minutes)} und nur einmal.`,
    "Wenn Sie das nicht angefordert haben, können Sie diese E-Mail ignorieren: Ohne Sie ändert sich nichts.",
  ],
})
