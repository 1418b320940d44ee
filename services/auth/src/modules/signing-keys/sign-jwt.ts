import { sign } from "node:crypto"
import type { SigningKey } from "./keyring.js"

/**
 * A JWT signed with RS256 (RFC 7515 section 7.1), on libuv's pool: the event loop goes on meanwhile (ADR 13).
 *
 * @param typ the header's `typ`: `at+jwt`, `logout+jwt`
 */
export function signJwt(key: SigningKey, typ: string, claims: object): Promise<string> {
  const input = `${encode({ alg: "RS256", typ, kid: key.kid })}.${encode(claims)}`
  return new Promise((resolve, reject) => {
    sign("RSA-SHA256", Buffer.from(input), key.privateKey, (cause, signature) => {
      if (cause) reject(cause)
      else resolve(`${input}.${signature.toString("base64url")}`)
    })
  })
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url")
