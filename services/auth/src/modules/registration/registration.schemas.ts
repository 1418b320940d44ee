import { z } from "zod"
import { Email } from "../accounts/index.js"
import { newPassword } from "../passwords/index.js"

// Check 30: nothing that is invisible, turns the reading direction, or looks like a link in a greeting.
const UNFIT_IN_NAMES = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}]|:\/\/|www\./u

export const registerBody = (minLength: number) =>
  z
    .object({
      email: Email,
      password: newPassword(minLength),
      name: z
        .string()
        .normalize("NFC")
        .trim()
        .min(1, "must not be empty")
        .refine((text) => [...text].length <= 100, "must have at most 100 characters")
        .refine((text) => !UNFIT_IN_NAMES.test(text), "must not have invisible characters or links")
        .optional(),
    })
    .meta({ id: "Register" })
