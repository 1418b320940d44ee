import type { LetterOf } from "../letter.js"
import { instant } from "./phrases.js"

/** A security notice: somebody signed in from where the owner never did. */
export const newSignIn: LetterOf<"new-sign-in"> = ({ app, signed_in_at, device, ip }) => ({
  subject: `A new sign-in to your ${app.name} account`,
  heading: "A new sign-in",
  paragraphs: [
    `Somebody signed in to your ${app.name} account on ${instant(signed_in_at)}, from a place we have not seen before: ${device}, ${ip}.`,
    "If that was you, there is nothing to do.",
    `If it wasn’t you, open ${app.name} and choose “Forgot password” now: a new password signs everybody else out.`,
  ],
  notes: [],
})
