import type { LetterOf } from "../letter.js"
import { instant } from "./phrases.js"

export const passwordChanged: LetterOf<"password-changed"> = ({ app, changed_at }) => ({
  subject: `Ihr Passwort für ${app.name} wurde geändert`,
  heading: "Ihr Passwort wurde geändert",
  paragraphs: [
    `Das Passwort Ihres Kontos bei ${app.name} wurde am ${instant(changed_at)} geändert.`,
    "Wenn Sie das waren, ist nichts zu tun.",
    `Wenn nicht, öffnen Sie ${app.name} und wählen Sie gleich „Passwort vergessen“: Ein neues Passwort meldet alle anderen ab.`,
  ],
  notes: [],
})
