import { letter } from "./letter.js"

/** A security notice: whoever did it, the owner hears of it. */
export const passwordChanged = letter<"password-changed">({
  en: ({ app, changed_at }, say) => ({
    subject: `Your ${app.name} password was changed`,
    heading: "Your password was changed",
    paragraphs: [
      `The password of your ${app.name} account was changed on ${say.instant(changed_at)}.`,
      "If that was you, there is nothing to do.",
      `If it wasn’t you, open ${app.name} and choose “Forgot password” now: a new password signs everybody else out.`,
    ],
    notes: [],
  }),
})
