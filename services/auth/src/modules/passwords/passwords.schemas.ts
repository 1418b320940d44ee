import { z } from "zod"
import { readHash, type StoredHash } from "./stored-hash.js"

const MAX_CODE_POINTS = 256
const MAX_BYTES = 1_024
// Each about a second of one core at most: whoever knows the address can cause that work (ADR 20).
const MAX_BCRYPT_COST = 14
const MAX_ARGON2_KIB = 262_144
const MAX_ARGON2_KIB_PASSES = 1_048_576
const MAX_ARGON2_LANES = 16

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

/** A hash that a former backend made: of a kind we can verify, and not so dear that sign-ins would stand still. */
export const ImportedPasswordHash = z
  .string()
  .max(512, "must have at most 512 characters")
  .superRefine((text, context) => {
    const fault = faultOf(readHash(text))
    if (fault) context.addIssue({ code: "custom", message: fault })
  })

function faultOf(hash: StoredHash | undefined): string | undefined {
  if (!hash) return "is neither a bcrypt hash ($2a$, $2b$, $2y$) nor an argon2 one"
  if (hash.algorithm === "bcrypt")
    return hash.cost > MAX_BCRYPT_COST
      ? `costs too much: bcrypt ${hash.cost}, at most ${MAX_BCRYPT_COST}`
      : undefined
  const { memoryKib, passes, lanes } = hash
  if (memoryKib > MAX_ARGON2_KIB) return `costs too much: ${memoryKib} KiB, at most ${MAX_ARGON2_KIB}`
  if (memoryKib * passes > MAX_ARGON2_KIB_PASSES)
    return `costs too much: ${passes} passes over ${memoryKib} KiB, together at most ${MAX_ARGON2_KIB_PASSES} KiB`
  return lanes > MAX_ARGON2_LANES ? `costs too much: ${lanes} lanes, at most ${MAX_ARGON2_LANES}` : undefined
}

function isHashable(text: string): boolean {
  return Buffer.byteLength(text) <= MAX_BYTES && [...text].length <= MAX_CODE_POINTS
}
