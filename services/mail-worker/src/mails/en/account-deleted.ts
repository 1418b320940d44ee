import type { LetterOf } from "../letter.js"
import { instant } from "./phrases.js"

/** The last mail to somebody. */
export const accountDeleted: LetterOf<"account-deleted"> = ({ app, deleted_at }) => ({
  subject: `Your ${app.name} account was deleted`,
  heading: "Your account was deleted",
  paragraphs: [
    `Your ${app.name} account and all that belonged to it were deleted on ${instant(deleted_at)}.`,
    "You can register again with this address whenever you like.",
  ],
  notes: [],
})
