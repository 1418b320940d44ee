import { letter } from "./letter.js"

/** To the old address: whoever moved the account, its owner hears of it, and can take it back. */
export const emailChanged = letter<"email-changed">({
  en: ({ app, changed_at, link, expires_in_minutes }, say) => ({
    subject: `The email of your ${app.name} account was changed`,
    heading: "Your email was changed",
    paragraphs: [
      `Your ${app.name} account was moved to another address on ${say.instant(changed_at)}.`,
      "If that was you, there is nothing to do.",
      "If it wasn’t you, take it back: everybody is signed out then, and you choose a new password.",
    ],
    action: { label: "Take it back", link },
    notes: [`The link works for ${say.duration(expires_in_minutes)}.`],
  }),
})
