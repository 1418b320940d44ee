import { z } from "zod"
import { Email } from "../accounts/index.js"
import { newPassword } from "../passwords/index.js"

export const ForgotPasswordBody = z.object({ email: Email }).meta({ id: "ForgotPassword" })

export const resetPasswordBody = (minLength: number) =>
  z
    .object({ token: z.string().min(1).max(512), new_password: newPassword(minLength) })
    .meta({ id: "ResetPassword" })
