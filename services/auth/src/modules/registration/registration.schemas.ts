import { z } from "zod"
import { Email, PersonName } from "../accounts/index.js"
import { newPassword } from "../passwords/index.js"

export const registerBody = (minLength: number) =>
  z
    .object({ email: Email, password: newPassword(minLength), name: PersonName.optional() })
    .meta({ id: "Register" })
