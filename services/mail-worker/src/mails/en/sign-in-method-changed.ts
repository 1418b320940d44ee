import type { LetterOf } from "../letter.js"
import { oneLine } from "../user-text.js"
import { instant } from "./phrases.js"

/** A security notice: there is one way more, or less, to sign in. */
export const signInMethodChanged: LetterOf<"sign-in-method-changed"> = ({
  app,
  method,
  change,
  changed_at,
}) => {
  const name = oneLine(method)
  const isAdded = change === "added"
  return {
    subject: `${name} was ${isAdded ? "added to" : "removed from"} your ${app.name} account`,
    heading: isAdded ? `You can now sign in with ${name}` : `${name} no longer signs you in`,
    paragraphs: [
      isAdded
        ? `Since ${instant(changed_at)} ${name} signs in to your ${app.name} account.`
        : `Since ${instant(changed_at)} ${name} does not sign in to your ${app.name} account any more.`,
      "If that was you, there is nothing to do.",
      "If it was not, reset your password at once: it signs everybody out. Then look at what you sign in with.",
    ],
    notes: [],
  }
}
