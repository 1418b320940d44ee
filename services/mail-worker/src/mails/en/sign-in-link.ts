import type { LetterOf } from "../letter.js"
import { duration } from "./phrases.js"

/** Somebody wants to sign in by mail; it works only where they asked. */
export const signInLink: LetterOf<"sign-in-link"> = ({ app, link, code, expires_in_minutes }) => ({
  subject: `Sign in to ${app.name}`,
  heading: `Sign in to ${app.name}`,
  paragraphs: ["Open this link on the device, and in the browser, where you asked for it."],
  action: { label: "Sign in", link },
  code: code && {
    lead: "Or type this code there. Never tell it to anybody: nobody of us asks for it.",
    digits: code.digits,
  },
  notes: [
    `Link and code expire in ${duration(expires_in_minutes)}.`,
    "If you didn’t ask for this, you can ignore this email: nobody is signed in without it.",
  ],
})
