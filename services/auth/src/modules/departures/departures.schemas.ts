import { z } from "zod"
import { User } from "../accounts/index.js"
import { PresentedPassword } from "../passwords/index.js"

export const LeaveBody = z.object({ password: PresentedPassword.optional() }).meta({
  id: "DeleteAccount",
  description: "The password; it may be left out within five minutes of signing in",
})

export const Left = z
  .object({
    message: z.string(),
    deletes_at: z.iso.datetime().nullable().meta({
      description: "Until then a mail's link keeps the account; null where it is gone already",
    }),
  })
  .meta({ id: "AccountDeletion" })

export const KeepBody = z.object({ token: z.string().max(200) }).meta({ id: "KeepAccount" })

export const Export = z.looseObject({ exported_at: z.iso.datetime(), user: User }).meta({
  id: "AccountExport",
  description: "All that is kept of you here, each part under the name of its kind",
})
