import { z } from "zod"
import { DisplayName, Email } from "../accounts/index.js"
import { newPassword } from "../passwords/index.js"
import { DeviceName } from "../sessions/index.js"

export const GuestBody = z.object({ device_name: DeviceName.optional() }).meta({ id: "Guest" })

export const upgradeBody = (minLength: number) =>
  z
    .object({ email: Email, password: newPassword(minLength), name: DisplayName.optional() })
    .meta({ id: "UpgradeGuest" })
