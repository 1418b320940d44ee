import type { LetterOf } from "../letter.js"
import { duration, instant } from "./phrases.js"

/** Too many wrong passwords came from strangers, so the right one alone lets none of them in. */
export const approveSignIn: LetterOf<"approve-sign-in"> = ({ app, tried_at, device, ip, ...mail }) => ({
  subject: `Was this you? A sign-in to ${app.name}`,
  heading: "Did you just try to sign in?",
  paragraphs: [
    `On ${instant(tried_at)} somebody gave the right password of your ${app.name} account, from a place we have not seen before: ${device}, ${ip}.`,
    "Because many wrong passwords were tried before, we did not let them in.",
    "If that was you, allow it, and sign in again there.",
  ],
  action: { label: "It was me", link: mail.link },
  notes: [
    `The link expires in ${duration(mail.expires_in_minutes)} and works once.`,
    "If it wasn’t you, somebody knows your password: choose another one now.",
  ],
})
