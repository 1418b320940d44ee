import { z } from "zod"
import { Email } from "../accounts/index.js"
import { OneTimeCode } from "../one-time-codes/index.js"
import { PresentedPassword } from "../passwords/index.js"

export const ChangeEmailBody = z
  .object({ new_email: Email, password: PresentedPassword })
  .meta({ id: "ChangeEmail" })

export const ConfirmEmailBody = z.object({ otp: OneTimeCode }).meta({ id: "ConfirmNewEmail" })

export const EmailChangeLinkBody = z
  .object({ token: z.string().min(1).max(4_096) })
  .meta({ id: "EmailChangeLink" })
