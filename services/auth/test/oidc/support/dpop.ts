import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto"
import { PUBLIC_URL } from "../../support/setup.js"

export interface ProofOptions {
  accessToken?: string
  /** What differs from a good proof; `undefined` leaves a member out. */
  claims?: Record<string, unknown>
  header?: Record<string, unknown>
}

/** A client's key, and proofs that it has it (RFC 9449 section 4.2). */
export function newDpopKey() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const { kty, crv, x, y } = publicKey.export({ format: "jwk" })
  const thumbprint = createHash("sha256").update(JSON.stringify({ crv, kty, x, y })).digest("base64url")

  return {
    thumbprint,
    privateJwk: privateKey.export({ format: "jwk" }),
    /** Headers that prove the key for one request. */
    proof(htm: string, path: string, { accessToken, claims, header }: ProofOptions = {}): { DPoP: string } {
      const head = { typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y }, ...header }
      const payload = {
        jti: randomUUID(),
        htm,
        htu: `${PUBLIC_URL}${path}`,
        iat: Math.floor(Date.now() / 1000),
        ...(accessToken && { ath: createHash("sha256").update(accessToken).digest("base64url") }),
        ...claims,
      }
      const input = [head, payload]
        .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
        .join(".")
      const signature = sign("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" })
      return { DPoP: `${input}.${signature.toString("base64url")}` }
    },
  }
}

export type DpopKey = ReturnType<typeof newDpopKey>
