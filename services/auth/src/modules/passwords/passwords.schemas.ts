import { z } from "zod"

const MAX_CODE_POINTS = 256
const MAX_BYTES = 1_024

/** A password somebody chooses: counted in code points, never cut, no rules of composition (NIST SP 800-63B). */
export const newPassword = (minLength: number) =>
  z
    .string()
    .refine((text) => [...text].length >= minLength, `must have at least ${minLength} characters`)
    .refine(isHashable, `must have at most ${MAX_CODE_POINTS} characters`)
    .meta({ minLength, maxLength: MAX_CODE_POINTS, format: "password" })

/** A password somebody claims to have. */
export const PresentedPassword = z
  .string()
  .min(1, "must not be empty")
  .refine(isHashable, `must have at most ${MAX_CODE_POINTS} characters`)
  .meta({ format: "password" })

function isHashable(text: string): boolean {
  return Buffer.byteLength(text) <= MAX_BYTES && [...text].length <= MAX_CODE_POINTS
}
