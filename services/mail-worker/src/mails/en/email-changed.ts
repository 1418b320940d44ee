import type { LetterOf } from "../letter.js"
import { duration, instant } from "./phrases.js"

/** To the old address: whoever moved the account, its owner hears of it, and can take it back. */
export const emailChanged: LetterOf<"email-changed"> = ({ app, changed_at, link, expires_in_minutes }) => ({
  subject: `The email of your ${app.name} account was changed`,
  heading: "Your email was changed",
  paragraphs: [
    `Your ${app.name} account was moved to another address on ${instant(changed_at)}.`,
    "If that was you, there is nothing to do.",
    "If it wasn’t you, take it back: everybody is signed out then, and you choose a new password.",
  ],
  action: { label: "Take it back", link },
  notes: [`The link works for ${duration(expires_in_minutes)}.`],
})
