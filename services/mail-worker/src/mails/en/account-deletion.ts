import type { LetterOf } from "../letter.js"
import { duration, instant } from "./phrases.js"

/** The account goes, and can still be kept. */
export const accountDeletion: LetterOf<"account-deletion"> = ({ app, deletes_at, ...mail }) => ({
  subject: `Your ${app.name} account will be deleted`,
  heading: "Your account will be deleted",
  paragraphs: [
    `As you asked, we delete your ${app.name} account and all that belongs to it on ${instant(deletes_at)}. You are signed out everywhere.`,
    "Until then you can change your mind.",
  ],
  action: { label: "Keep my account", link: mail.link },
  notes: [
    `The link works for ${duration(mail.expires_in_minutes)}.`,
    "If you didn’t ask for this, keep your account and choose a new password: somebody else knew yours.",
  ],
})
