import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto"

/** Encrypts what must be read back: private keys, mail payloads, replayed answers. */
export interface Sealer {
  /** @param context what the text belongs to, such as a row's id; `open` needs the same */
  seal(text: string, context: string): Buffer
  /** @throws when the secret or the context is another, or a byte was changed */
  open(sealed: Buffer, context: string): string
}

/**
 * A key of 32 bytes from a secret (HKDF, RFC 5869).
 *
 * @param purpose keeps keys of different use apart, even where one secret serves several
 */
export const deriveKey = (secret: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync("sha256", secret, "gatepost", purpose, 32))

const VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * AES-256-GCM under a key derived from a secret (RFC 5869).
 *
 * @param purpose keeps keys of different use apart, even where an operator gave one secret twice
 * @param previous secrets that open what was sealed with them, and seal nothing
 */
export function createSealer(secret: string, purpose: string, previous: readonly string[] = []): Sealer {
  const key = deriveKey(secret, purpose)
  const formerKeys = previous.map((former) => deriveKey(former, purpose))

  return {
    seal(text, context) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context))
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()])
      return Buffer.concat([Buffer.from([VERSION]), nonce, cipher.getAuthTag(), body])
    },
    open(sealed, context) {
      if (sealed[0] !== VERSION) throw new Error("sealed by an unknown version")
      try {
        return openWith(key, sealed, context)
      } catch (cause) {
        for (const formerKey of formerKeys) {
          try {
            return openWith(formerKey, sealed, context)
          } catch {
            // Of another one, or none of ours.
          }
        }
        throw cause
      }
    },
  }
}

function openWith(key: Buffer, sealed: Buffer, context: string): string {
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES)
  const tag = sealed.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES)
  const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context)).setAuthTag(tag)
  const body = sealed.subarray(1 + NONCE_BYTES + TAG_BYTES)
  return decipher.update(body, undefined, "utf8") + decipher.final("utf8")
}
