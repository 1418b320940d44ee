import { said } from "@gatepost/http"
import { z } from "zod"
import { newPassword } from "../passwords/index.js"

export const acceptBody = (minLength: number) =>
  z
    .object({
      token: z.string().min(1).max(4_096).meta({ description: "Of the link" }),
      new_password: newPassword(minLength),
    })
    .meta({ id: "AcceptAdminInvitation" })

export const InvitationAccepted = said("You are the admin now. Sign in with the new password.").extend({
  email: z.string(),
})
