import { said } from "@gatepost/http"
import { z } from "zod"
import { Email } from "../accounts/index.js"
import { newPassword } from "../passwords/index.js"

export const ForgotPasswordBody = z.object({ email: Email }).meta({ id: "ForgotPassword" })

export const resetPasswordBody = (minLength: number) =>
  z
    .object({
      token: z.string().min(1).max(512),
      new_password: newPassword(minLength),
      confirm_password: z.string().max(1_024).optional().meta({
        description: "Must be the same, where it is sent",
      }),
    })
    .meta({ id: "ResetPassword" })

export const PasswordReset = said("Password reset successfully").extend({ email: z.string() })
