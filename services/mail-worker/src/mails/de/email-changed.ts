import type { LetterOf } from "../letter.js"
import { duration, instant } from "./phrases.js"

export const emailChanged: LetterOf<"email-changed"> = ({ app, changed_at, link, expires_in_minutes }) => ({
  subject: `Die E-Mail Ihres Kontos bei ${app.name} wurde geändert`,
  heading: "Ihre E-Mail wurde geändert",
  paragraphs: [
    `Ihr Konto bei ${app.name} wurde am ${instant(changed_at)} auf eine andere Adresse umgestellt.`,
    "Wenn Sie das waren, ist nichts zu tun.",
    "Wenn nicht, machen Sie es rückgängig: Dann werden alle abgemeldet, und Sie wählen ein neues Passwort.",
  ],
  action: { label: "Rückgängig machen", link },
  notes: [`Der Link gilt ${duration(expires_in_minutes)}.`],
})
