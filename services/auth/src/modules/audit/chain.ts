import { createHmac } from "node:crypto"

export interface Sealed {
  number: number
  hash: Buffer
}

/** Before the first seal. */
export const NOTHING: Sealed = { number: 0, hash: Buffer.alloc(32) }

const macOf = (key: Buffer, ...parts: (string | Buffer)[]): Buffer => {
  const mac = createHmac("sha256", key)
  for (const part of parts) mac.update(part)
  return mac.digest()
}

/** The next seal: of the one before and of the events' digests in their order, under a key that the database has not. */
export function sealAfter(previous: Sealed, digests: Buffer[], key: Buffer): Sealed {
  const number = previous.number + 1
  return { number, hash: macOf(key, `seal ${number} ${digests.length} `, previous.hash, ...digests) }
}

/** The last seal that was forgotten. */
export interface Forgotten extends Sealed {
  /** Of its newest event, in UTC, to the microsecond. */
  lastAt: string
}

/** Says that a seal was the last one to be forgotten. */
export const baseMac = ({ number, hash, lastAt }: Forgotten, key: Buffer): Buffer =>
  macOf(key, `base ${number} ${lastAt} `, hash)

/** Says that a seal is the newest one. */
export const headMac = ({ number, hash }: Sealed, key: Buffer): Buffer => macOf(key, `head ${number} `, hash)
