import type { LetterOf } from "../letter.js"
import { instant } from "./phrases.js"

/** A security notice: a sign-in was ended by us, because its token was used by two (DESIGN.md D4). */
export const sessionRevoked: LetterOf<"session-revoked"> = ({ app, revoked_at }) => ({
  subject: `We ended a sign-in to your ${app.name} account`,
  heading: "We ended one of your sign-ins",
  paragraphs: [
    `On ${instant(revoked_at)} a sign-in to your ${app.name} account looked as if somebody had copied it, so we ended it.`,
    "Please sign in again. Your other devices stay signed in.",
    "If that surprises you, change your password: it signs everybody else out.",
  ],
  notes: [],
})
