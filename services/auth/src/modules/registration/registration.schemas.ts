import { z } from "zod"
import { DisplayName, Email } from "../accounts/index.js"
import { newPassword } from "../passwords/index.js"
import { DeviceName } from "../sessions/index.js"

export const registerBody = (minLength: number) =>
  z
    .object({
      email: Email,
      password: newPassword(minLength),
      name: DisplayName.optional(),
      device_name: DeviceName.optional(),
    })
    .meta({ id: "Register" })
