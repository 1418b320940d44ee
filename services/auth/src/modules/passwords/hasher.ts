import { hash, type Options, verify } from "@node-rs/argon2"
import type { Gate } from "./gate.js"

export interface Hasher {
  hash(password: string): Promise<string>
  /** Whether the password matches; without a hash the same work is done and the answer is no. */
  verify(passwordHash: string | undefined, password: string): Promise<boolean>
  /** Whether a hash was made with other than today's cost. */
  isOutdated(passwordHash: string): boolean
}

export interface HashCost {
  memoryKib: number
  passes: number
}

/** argon2id with a 16-byte salt and a 32-byte tag in PHC form; passwords in NFKC (checks 33 and 36). */
export async function createHasher(cost: HashCost, gate: Gate): Promise<Hasher> {
  const options: Options = {
    memoryCost: cost.memoryKib,
    timeCost: cost.passes,
    parallelism: 1,
    outputLen: 32,
  }
  const prefix = `$argon2id$v=19$m=${cost.memoryKib},t=${cost.passes},p=1$`
  const nobodys = await hash("nobody has this password", options)

  return {
    hash: (password) => gate.run(() => hash(password.normalize("NFKC"), options)),
    async verify(passwordHash, password) {
      const matches = await gate.run(() => verify(passwordHash ?? nobodys, password.normalize("NFKC")))
      return matches && passwordHash !== undefined
    },
    isOutdated: (passwordHash) => !passwordHash.startsWith(prefix),
  }
}
