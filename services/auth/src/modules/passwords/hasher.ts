import type { Logger } from "@gatepost/runtime"
import { hash, type Options } from "@node-rs/argon2"
import type { Gate } from "./gate.js"
import { matches, readHash, type StoredHash } from "./stored-hash.js"

export interface Hasher {
  hash(password: string): Promise<string>
  /**
   * Whether the password matches; without a hash the same work is done and the answer is no, as with one that can't
   * be read, which is logged.
   */
  verify(passwordHash: string | undefined, password: string): Promise<boolean>
  /** Whether a hash was made with other than today's algorithm and cost. */
  isOutdated(passwordHash: string): boolean
}

export interface HashCost {
  memoryKib: number
  passes: number
}

/** argon2id with a 16-byte salt and a 32-byte tag in PHC form; passwords in NFKC (checks 33 and 36). */
export async function createHasher(cost: HashCost, gate: Gate, logger: Logger): Promise<Hasher> {
  const options: Options = {
    memoryCost: cost.memoryKib,
    timeCost: cost.passes,
    parallelism: 1,
    outputLen: 32,
  }
  const prefix = `$argon2id$v=19$m=${cost.memoryKib},t=${cost.passes},p=1$`
  const nobodys = readHash(await hash("nobody has this password", options))
  if (!nobodys) throw new Error("the hasher can't read its own hash")

  return {
    hash: (password) => gate.run(() => hash(password.normalize("NFKC"), options)),
    async verify(passwordHash, password) {
      const stored = passwordHash === undefined ? undefined : readHash(passwordHash)
      if (passwordHash !== undefined && !stored)
        logger.error("a stored password hash can't be read: somebody can't sign in until they reset it")
      const isRight = await gate.run(() => matchesAsTyped(stored ?? nobodys, password))
      return isRight && stored !== undefined
    },
    isOutdated: (passwordHash) => !passwordHash.startsWith(prefix),
  }
}

/** As we hash it, and, since a former backend may not have composed the characters, as it was typed. */
async function matchesAsTyped(stored: StoredHash, password: string): Promise<boolean> {
  for (const spelling of new Set([password.normalize("NFKC"), password])) {
    if (await matches(stored, spelling)) return true
  }
  return false
}
