import type { LetterOf } from "../letter.js"
import { duration } from "./phrases.js"

/** Somebody asked for a new password to this account. */
export const resetPassword: LetterOf<"reset-password"> = ({ app, link, code, expires_in_minutes }) => ({
  subject: `Reset your ${app.name} password`,
  heading: "Reset your password",
  paragraphs: [`You can choose a new password for your ${app.name} account now.`],
  action: { label: "Choose a new password", link },
  code: code && {
    lead: `Or type this code into ${app.name}. It expires in ${duration(code.expires_in_minutes)}.`,
    digits: code.digits,
  },
  notes: [
    `The link expires in ${duration(expires_in_minutes)} and works once.`,
    "If you didn’t ask for this, you can ignore this email: your password stays as it is.",
  ],
})
