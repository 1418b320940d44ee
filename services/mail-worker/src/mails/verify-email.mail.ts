import { letter } from "./letter.js"

/** Somebody registered with this address, or wants to: the link proves that it is theirs. */
export const verifyEmail = letter<"verify-email">({
  en: ({ app, link, expires_in_minutes, code }, say) => ({
    subject: `Confirm your email for ${app.name}`,
    heading: "Confirm your email",
    paragraphs: [
      `Please confirm that this is your address, and ${app.name} is ready for you.`,
      ...say.code(code),
    ],
    action: { label: "Confirm email", link },
    notes: [
      `The link expires in ${say.duration(expires_in_minutes)}.`,
      `If you didn’t sign up for ${app.name}, you can ignore this email: nothing happens without a click.`,
    ],
  }),
})
