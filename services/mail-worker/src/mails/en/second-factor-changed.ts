import type { SecondFactorChange } from "@gatepost/contracts"
import type { LetterOf } from "../letter.js"
import { instant } from "./phrases.js"

const said: Record<SecondFactorChange, { heading: string; what: string }> = {
  "totp-enabled": {
    heading: "Codes from an app are on",
    what: "Signing in now asks for a code from your authenticator app. This was turned on",
  },
  "totp-disabled": {
    heading: "Codes from an app are off",
    what: "Signing in does not ask for a code from your authenticator app any more. This was turned off",
  },
  "recovery-codes-replaced": {
    heading: "You have new recovery codes",
    what: "The old recovery codes are void. New ones were made",
  },
  "recovery-code-used": {
    heading: "A recovery code was used",
    what: "Somebody signed in with one of your recovery codes, which is void now. It was used",
  },
  "passkey-added": { heading: "A passkey was added", what: "A new passkey signs in to it. It was added" },
  "passkey-deleted": {
    heading: "A passkey was deleted",
    what: "One of its passkeys does not sign in any more. It was deleted",
  },
}

/** A security notice: whoever did it, the owner hears of it. */
export const secondFactorChanged: LetterOf<"second-factor-changed"> = ({ app, change, changed_at }) => ({
  subject: `${said[change].heading}: your ${app.name} account`,
  heading: said[change].heading,
  paragraphs: [
    `This is about your ${app.name} account. ${said[change].what} on ${instant(changed_at)}.`,
    "If that was you, there is nothing to do.",
    `If it wasn’t you, open ${app.name} and choose “Forgot password” now: a new password signs everybody else out.`,
  ],
  notes: [],
})
