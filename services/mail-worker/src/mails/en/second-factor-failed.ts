import type { LetterOf } from "../letter.js"
import { instant } from "./phrases.js"

/** A security notice: whoever fails at the second factor knew the first. */
export const secondFactorFailed: LetterOf<"second-factor-failed"> = ({ app, failed_at, is_paused }) => ({
  subject: `Wrong codes at a sign-in to your ${app.name} account`,
  heading: "Somebody typed wrong codes",
  paragraphs: [
    `On ${instant(failed_at)} somebody knew the password of your ${app.name} account, but not the code that comes next.`,
    ...(is_paused
      ? [
          "There were so many tries that no code from your authenticator app is taken any more, until you sign in with a recovery code or a passkey.",
        ]
      : []),
    "If that was you, there is nothing to do.",
    `If it wasn’t you, they know your password: open ${app.name} and choose “Forgot password” now.`,
  ],
  notes: [],
})
