import type { Correspondence } from "../letter.js"
import { accountDeleted } from "./account-deleted.js"
import { accountDeletion } from "./account-deletion.js"
import { approveSignIn } from "./approve-sign-in.js"
import { confirmNewEmail } from "./confirm-new-email.js"
import { emailChanged } from "./email-changed.js"
import { newSignIn } from "./new-sign-in.js"
import { notification } from "./notification.js"
import { notificationDigest } from "./notification-digest.js"
import { passwordChanged } from "./password-changed.js"
import { phrases } from "./phrases.js"
import { resetPassword } from "./reset-password.js"
import { secondFactorChanged } from "./second-factor-changed.js"
import { secondFactorFailed } from "./second-factor-failed.js"
import { sessionRevoked } from "./session-revoked.js"
import { signInLink } from "./sign-in-link.js"
import { signInMethodChanged } from "./sign-in-method-changed.js"
import { verifyEmail } from "./verify-email.js"

export const de: Correspondence = {
  phrases,
  letters: {
    "verify-email": verifyEmail,
    "reset-password": resetPassword,
    "confirm-new-email": confirmNewEmail,
    "email-changed": emailChanged,
    "password-changed": passwordChanged,
    "session-revoked": sessionRevoked,
    "new-sign-in": newSignIn,
    "approve-sign-in": approveSignIn,
    "account-deletion": accountDeletion,
    "account-deleted": accountDeleted,
    notification,
    "notification-digest": notificationDigest,
    "sign-in-link": signInLink,
    "sign-in-method-changed": signInMethodChanged,
    "second-factor-changed": secondFactorChanged,
    "second-factor-failed": secondFactorFailed,
  },
}
