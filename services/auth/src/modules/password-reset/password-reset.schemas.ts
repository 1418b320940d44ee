import { said } from "@gatepost/http"
import { z } from "zod"
import { Email } from "../accounts/index.js"
import { OneTimeCode } from "../one-time-codes/index.js"
import { newPassword } from "../passwords/index.js"

export const ForgotPasswordBody = z.object({ email: Email }).meta({ id: "ForgotPassword" })

export const resetPasswordBody = (minLength: number) =>
  z
    .object({
      token: z.string().min(1).max(4_096).optional().meta({ description: "Of the mail's link" }),
      email: Email.optional(),
      otp: OneTimeCode.optional().meta({ description: "Of the mail, with `email`, instead of a token" }),
      new_password: newPassword(minLength),
      confirm_password: z.string().max(1_024).optional().meta({
        description: "Must be the same, where it is sent",
      }),
    })
    .refine(({ token, email, otp }) => (token === undefined) !== (email === undefined || otp === undefined), {
      path: ["token"],
      error: "must be there, or email and otp, and not both",
    })
    .meta({ id: "ResetPassword" })

export const PasswordReset = said("Password reset successfully").extend({ email: z.string() })
