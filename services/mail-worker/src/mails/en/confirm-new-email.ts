import type { LetterOf } from "../letter.js"
import { duration } from "./phrases.js"

/** Somebody wants to move their account to this address: the link or code proves that it is theirs. */
export const confirmNewEmail: LetterOf<"confirm-new-email"> = ({ app, link, code, expires_in_minutes }) => ({
  subject: `Confirm your new email for ${app.name}`,
  heading: "Confirm your new email",
  paragraphs: [`Please confirm that this is the new address of your ${app.name} account.`],
  action: { label: "Confirm new email", link },
  code: code && {
    lead: `Or type this code into ${app.name}. It expires in ${duration(code.expires_in_minutes)}.`,
    digits: code.digits,
  },
  notes: [
    `The link expires in ${duration(expires_in_minutes)} and works once.`,
    "If you didn’t ask for this, you can ignore this email: nothing changes without you.",
  ],
})
