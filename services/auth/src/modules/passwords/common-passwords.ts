import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** Passwords that everybody tries first, as hashes cut to 32 bits: of a million others it takes 40 for one of them. */
export interface CommonPasswords {
  size: number
  has(password: string): boolean
}

const FILE = fileURLToPath(new URL("../../../assets/common-passwords.bin", import.meta.url))
// Whatever is shorter can't be chosen, nor be most of what can.
const MIN_LENGTH = 6
const BUCKETS = 65_536

/** How a password is looked up: what differs in case or width alone is as easy to guess. */
const hashOf = (password: string): number =>
  createHash("sha256").update(password.normalize("NFKC").toLowerCase()).digest().readUInt32BE()

/**
 * The file's form: how many hashes begin with each of the 65,536 first halves, a byte each, and then the second
 * halves in order, two bytes each.
 *
 * @param passwords the commonest first, so that a full half loses what is rare
 */
export function packCommonPasswords(passwords: Iterable<string>): { file: Buffer; size: number } {
  const halves = Array.from({ length: BUCKETS }, () => new Set<number>())
  for (const password of passwords) {
    if ([...password].length < MIN_LENGTH) continue
    const hash = hashOf(password)
    const half = halves[hash >>> 16]
    if (half && half.size < 255) half.add(hash & 0xffff)
  }
  const counts = Buffer.from(halves.map(({ size }) => size))
  const rests = halves.flatMap((half) => [...half].sort((one, other) => one - other))
  const file = Buffer.alloc(BUCKETS + rests.length * 2)
  counts.copy(file)
  for (const [index, rest] of rests.entries()) file.writeUInt16BE(rest, BUCKETS + index * 2)
  return { file, size: rests.length }
}

/** @param file what `packCommonPasswords` made */
export function openCommonPasswords(file: Buffer = readFileSync(FILE)): CommonPasswords {
  const starts = new Uint32Array(BUCKETS + 1)
  for (let half = 0; half < BUCKETS; half++) starts[half + 1] = (starts[half] ?? 0) + (file[half] ?? 0)
  const size = starts[BUCKETS] ?? 0
  if (file.length !== BUCKETS + size * 2) throw new Error("the file of common passwords is damaged")

  return {
    size,
    has(password) {
      const hash = hashOf(password)
      const half = hash >>> 16
      for (let index = starts[half] ?? 0; index < (starts[half + 1] ?? 0); index++) {
        if (file.readUInt16BE(BUCKETS + index * 2) === (hash & 0xffff)) return true
      }
      return false
    },
  }
}
