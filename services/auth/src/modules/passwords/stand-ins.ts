import { createHmac, hkdfSync } from "node:crypto"
import { readHash } from "./stored-hash.js"

/** How many stored hashes begin like this: `$2b$12$`, or `$argon2id$v=19$m=19456,t=2,p=1$`. */
export interface HashKind {
  prefix: string
  count: number
}

/** What an address is verified against that nobody signs in with by a password (check 35, ADR 20). */
export interface StandIns {
  /**
   * A hash that no password fits, of an algorithm and cost that accounts have, each as often as they have it; always
   * the same for one address. `undefined` while no account has a password.
   */
  of(email: string): string | undefined
  /** Looks again which kinds there are. */
  refresh(): Promise<void>
}

/** @param listKinds in the same order each time, so that an address keeps its kind while the shares move */
export function createStandIns(listKinds: () => Promise<HashKind[]>, secret: string): StandIns {
  const key = Buffer.from(hkdfSync("sha256", secret, "gatepost", "stand-ins for unknown addresses", 32))
  let hashes: { text: string; upTo: number }[] = []

  return {
    of(email) {
      const share = createHmac("sha256", key).update(email).digest().readUInt32BE() / 2 ** 32
      const place = share * (hashes.at(-1)?.upTo ?? 0)
      return hashes.find(({ upTo }) => place < upTo)?.text
    },
    async refresh() {
      const kinds = await listKinds()
      hashes = []
      for (const { prefix, count } of kinds) {
        const text = `${prefix}${prefix.startsWith("$2") ? NOBODYS.bcrypt : NOBODYS.argon2}`
        if (readHash(text)) hashes.push({ text, upTo: (hashes.at(-1)?.upTo ?? 0) + count })
      }
    },
  }
}

/** Salt and digest, all zero. */
const NOBODYS = { bcrypt: ".".repeat(53), argon2: `${"A".repeat(22)}$${"A".repeat(43)}` }
