import { z } from "zod"

/** A code as somebody types it; the spaces are theirs. A number would have lost its leading zeros. */
export const OneTimeCode = z
  .string()
  .max(32, "must be a code of digits")
  .overwrite((text) => text.replaceAll(/\s/g, ""))
  .regex(/^\d{6}(\d{2})?$/, "must be a code of digits")
  .meta({ id: "OneTimeCode", example: "012345" })
