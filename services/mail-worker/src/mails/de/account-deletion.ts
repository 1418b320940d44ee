import type { LetterOf } from "../letter.js"
import { duration, instant } from "./phrases.js"

export const accountDeletion: LetterOf<"account-deletion"> = ({ app, deletes_at, ...mail }) => ({
  subject: `Ihr Konto bei ${app.name} wird gelöscht`,
  heading: "Ihr Konto wird gelöscht",
  paragraphs: [
    `Wie gewünscht löschen wir Ihr Konto bei ${app.name} und alles, was dazu gehört, am ${instant(deletes_at)}. Sie sind überall abgemeldet.`,
    "Bis dahin können Sie es sich anders überlegen.",
  ],
  action: { label: "Mein Konto behalten", link: mail.link },
  notes: [
    `Der Link gilt ${duration(mail.expires_in_minutes)}.`,
    "Wenn Sie das nicht wollten, behalten Sie Ihr Konto und wählen Sie ein neues Passwort: Jemand anderes kannte Ihres.",
  ],
})
