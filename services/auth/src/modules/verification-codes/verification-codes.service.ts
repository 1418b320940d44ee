import type { RequestContext } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import { accountsRepository } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"
import type { EmailVerificationService } from "../email-verification/index.js"
import type { PasswordResetService } from "../password-reset/index.js"

export interface VerificationCodesDeps {
  database: Database
  apps: Apps
  emailVerification: EmailVerificationService
  passwordReset: PasswordResetService
}

export type VerificationCodesService = ReturnType<typeof createVerificationCodesService>

export function createVerificationCodesService(deps: VerificationCodesDeps) {
  const { database, apps, emailVerification, passwordReset } = deps

  return {
    /**
     * Sends a code of six digits where there is something to do with it: to verify, or, in an app with
     * `otp_reset`, to reset the password. The caller can't tell whether it did.
     */
    async send(email: string, context: RequestContext): Promise<void> {
      const account = await accountsRepository(database.db).findByEmail(email)
      if (account?.emailVerified && apps.ofRequest(context).otp_reset) {
        await passwordReset.request(email, context, "verify-email")
      } else {
        await emailVerification.request(email, context)
      }
    },

    /** @throws Problem `one-time-code.invalid` */
    verify: (email: string, digits: string, context: RequestContext): Promise<void> =>
      emailVerification.confirmByCode(email, digits, context),
  }
}
