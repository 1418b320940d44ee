import type { LetterOf } from "../letter.js"
import { duration } from "./phrases.js"

export const resetPassword: LetterOf<"reset-password"> = ({ app, link, code, expires_in_minutes }) => ({
  subject: `Neues Passwort für ${app.name}`,
  heading: "Passwort zurücksetzen",
  paragraphs: [`Sie können jetzt ein neues Passwort für Ihr Konto bei ${app.name} wählen.`],
  action: { label: "Neues Passwort wählen", link },
  code: code && {
    lead: `Oder geben Sie diesen Code in ${app.name} ein. Er gilt ${duration(code.expires_in_minutes)}.`,
    digits: code.digits,
  },
  notes: [
    `Der Link gilt ${duration(expires_in_minutes)} und nur einmal.`,
    "Wenn Sie das nicht angefordert haben, können Sie diese E-Mail ignorieren: Ihr Passwort bleibt, wie es ist.",
  ],
})
