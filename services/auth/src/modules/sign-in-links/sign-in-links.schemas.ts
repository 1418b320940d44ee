import { z } from "zod"
import { Email } from "../accounts/index.js"
import { OneTimeCode } from "../one-time-codes/index.js"
import { DeviceName, MfaDeviceToken } from "../sessions/index.js"
import type { MailProof } from "./sign-in-links.service.js"

export const AskForLinkBody = z.object({ email: Email }).meta({ id: "AskForSignInLink" })

const SENT = "If the email exists, a link to sign in has been sent"

export const LinkAsked = z
  .object({
    message: z.literal(SENT).default(SENT),
    request_token: z.string().meta({
      description:
        "The other half of the mail's link or code: keep it on this device until they come back with it",
    }),
  })
  .meta({ id: "SignInLinkAsked" })

export const ConfirmLinkBody = z
  .object({
    request_token: z.string().min(1).max(128),
    token: z.string().min(1).max(128).optional().meta({ description: "Of the mail's link" }),
    otp: OneTimeCode.optional().meta({ description: "The mail's code, instead" }),
    device_name: DeviceName.optional(),
    mfa_device_token: MfaDeviceToken.optional(),
  })
  .refine(({ token, otp }) => (token === undefined) !== (otp === undefined), "must have token or otp")
  .meta({ id: "ConfirmSignInLink" })

export function toMailProof({ token, otp = "" }: z.output<typeof ConfirmLinkBody>): MailProof {
  return token === undefined ? { digits: otp } : { token }
}
