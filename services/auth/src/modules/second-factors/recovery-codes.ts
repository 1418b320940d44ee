import { randomBase32 } from "./totp.js"

const CODES = 10
const CODE_BYTES = 15

/** Ten codes of 120 bits in groups of four: far too many to guess, so a plain hash keeps them. */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: CODES }, () => (randomBase32(CODE_BYTES).match(/.{4}/g) ?? []).join("-"))

/** A code as it is hashed, however somebody typed it. */
export const plainRecoveryCode = (typed: string): string => typed.replaceAll(/[\s-]/g, "").toUpperCase()
