import { z } from "zod"
import { Email } from "../accounts/index.js"
import { newPassword } from "../passwords/index.js"

// Check 30: nothing that turns the reading direction, hides, or looks like a link in a greeting. Persian
// names and emoji need the joiners U+200C and U+200D between what is visible.
const UNFIT_IN_NAMES = /[\p{Cc}\p{Co}\p{Cn}]|(?![\u200c\u200d])\p{Cf}|:\/\/|www\./u
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u

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
        .refine(
          (text) => VISIBLE.test(text) && !UNFIT_IN_NAMES.test(text),
          "must not have invisible characters or links",
        )
        .optional(),
    })
    .meta({ id: "Register" })
