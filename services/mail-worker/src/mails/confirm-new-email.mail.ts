import { letter } from "./letter.js"

/** Somebody wants to move their account to this address: the link or code proves that it is theirs. */
export const confirmNewEmail = letter<"confirm-new-email">({
  en: ({ app, link, expires_in_minutes, code }, say) => ({
    subject: `Confirm your new email for ${app.name}`,
    heading: "Confirm your new email",
    paragraphs: [
      `Please confirm that this is the new address of your ${app.name} account.`,
      ...say.code(code),
    ],
    action: { label: "Confirm new email", link },
    notes: [
      `The link expires in ${say.duration(expires_in_minutes)} and works once.`,
      "If you didn’t ask for this, you can ignore this email: nothing changes without a click.",
    ],
  }),
})
