import { letter } from "./letter.js"

/** Somebody asked for a new password to this account. */
export const resetPassword = letter<"reset-password">({
  en: ({ app, link, expires_in_minutes, code }, say) => ({
    subject: `Reset your ${app.name} password`,
    heading: "Reset your password",
    paragraphs: [`You can choose a new password for your ${app.name} account now.`, ...say.code(code)],
    action: { label: "Choose a new password", link },
    notes: [
      `The link expires in ${say.duration(expires_in_minutes)} and works once.`,
      "If you didn’t ask for this, you can ignore this email: your password stays as it is.",
    ],
  }),
})
