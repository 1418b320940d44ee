import { z } from "zod"
import { newPassword, PresentedPassword } from "../passwords/index.js"

export const changePasswordBody = (minLength: number) =>
  z
    .object({ current_password: PresentedPassword, new_password: newPassword(minLength) })
    .refine((body) => body.current_password.normalize("NFKC") !== body.new_password.normalize("NFKC"), {
      path: ["new_password"],
      error: "must differ from the current one",
    })
    .meta({ id: "ChangePassword" })
