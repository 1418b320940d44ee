import type { LetterOf } from "../letter.js"
import { instant } from "./phrases.js"

export const accountDeleted: LetterOf<"account-deleted"> = ({ app, deleted_at }) => ({
  subject: `Ihr Konto bei ${app.name} wurde gelöscht`,
  heading: "Ihr Konto wurde gelöscht",
  paragraphs: [
    `Ihr Konto bei ${app.name} und alles, was dazu gehörte, wurde am ${instant(deleted_at)} gelöscht.`,
    "Sie können sich mit dieser Adresse jederzeit neu registrieren.",
  ],
  notes: [],
})
