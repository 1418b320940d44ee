import type { LetterOf } from "../letter.js"
import { duration } from "./phrases.js"

/** Somebody registered with this address, or wants to: the link proves that it is theirs. */
export const verifyEmail: LetterOf<"verify-email"> = ({ app, link, code, expires_in_minutes }) => ({
  subject: `Confirm your email for ${app.name}`,
  heading: "Confirm your email",
  paragraphs: [`Please confirm that this is your address, and ${app.name} is ready for you.`],
  action: { label: "Confirm email", link },
  code: code && {
    lead: `Or type this code into ${app.name}. It expires in ${duration(code.expires_in_minutes)}.`,
    digits: code.digits,
  },
  notes: [
    `The link expires in ${duration(expires_in_minutes)}.`,
    `If you didn’t sign up for ${app.name}, you can ignore this email: nothing happens without you.`,
  ],
})
