import type { LetterOf } from "../letter.js"
import { instant } from "./phrases.js"

/** A security notice: whoever did it, the owner hears of it. */
export const passwordChanged: LetterOf<"password-changed"> = ({ app, changed_at }) => ({
  subject: `Your ${app.name} password was changed`,
  heading: "Your password was changed",
  paragraphs: [
    `The password of your ${app.name} account was changed on ${instant(changed_at)}.`,
    "If that was you, there is nothing to do.",
    `If it wasn’t you, open ${app.name} and choose “Forgot password” now: a new password signs everybody else out.`,
  ],
  notes: [],
})
