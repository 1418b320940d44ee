import { parseOptions, verify as verifyArgon2 } from "@node-rs/argon2"
import { verify as verifyBcrypt } from "@node-rs/bcrypt"

/** A password hash that can be verified: our own, or one of a former backend (ADR 20). */
export type StoredHash = { text: string } & (
  | { algorithm: "bcrypt"; cost: number }
  | { algorithm: "argon2"; memoryKib: number; passes: number; lanes: number }
)

// Salt and digest are 16 and 23 bytes, so the last character of each has few forms. `$2x$` is left out: it names the
// hashes of a faulty implementation, which no library computes any more.
const BCRYPT = /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]$/

/** Takes bcrypt, and argon2 in each of its kinds and versions; `undefined` for what nobody could verify. */
export function readHash(text: string): StoredHash | undefined {
  const [, cost] = BCRYPT.exec(text) ?? []
  if (cost) return { text, algorithm: "bcrypt", cost: Number(cost) }
  try {
    const { memoryCost, timeCost, parallelism } = parseOptions(text)
    return { text, algorithm: "argon2", memoryKib: memoryCost, passes: timeCost, lanes: parallelism }
  } catch {
    return undefined
  }
}

/** Whether a password was hashed like that, byte by byte; bcrypt knows its first 72 bytes only. */
export const matches = ({ text, algorithm }: StoredHash, password: string): Promise<boolean> =>
  algorithm === "bcrypt" ? verifyBcrypt(password, text) : verifyArgon2(text, password)
