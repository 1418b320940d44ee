import type { LetterOf } from "../letter.js"
import { duration } from "./phrases.js"

export const verifyEmail: LetterOf<"verify-email"> = ({ app, link, code, expires_in_minutes }) => ({
  subject: `Bestätigen Sie Ihre E-Mail für ${app.name}`,
  heading: "E-Mail bestätigen",
  paragraphs: [`Bitte bestätigen Sie, dass diese Adresse Ihnen gehört. Dann ist ${app.name} für Sie bereit.`],
  action: { label: "E-Mail bestätigen", link },
  code: code && {
    lead: `Oder geben Sie diesen Code in ${app.name} ein. Er gilt ${duration(code.expires_in_minutes)}.`,
    digits: code.digits,
  },
  notes: [
    `Der Link gilt ${duration(expires_in_minutes)}.`,
    `Wenn Sie kein Konto bei ${app.name} angelegt haben, können Sie diese E-Mail ignorieren: Ohne Sie geschieht nichts.`,
  ],
})
