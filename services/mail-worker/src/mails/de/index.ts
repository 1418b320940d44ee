import type { Correspondence } from "../letter.js"
import { passwordChanged } from "./password-changed.js"
import { phrases } from "./phrases.js"
import { resetPassword } from "./reset-password.js"
import { sessionRevoked } from "./session-revoked.js"
import { verifyEmail } from "./verify-email.js"

export const de: Correspondence = {
  phrases,
  letters: {
    "verify-email": verifyEmail,
    "reset-password": resetPassword,
    "password-changed": passwordChanged,
    "session-revoked": sessionRevoked,
  },
}
