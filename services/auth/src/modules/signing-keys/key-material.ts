import { createHash, generateKeyPair, type JsonWebKey } from "node:crypto"
import { promisify } from "node:util"

export interface KeyMaterial {
  kid: string
  publicJwk: JsonWebKey
  privateJwk: JsonWebKey
}

/** A new RS256 key; its id is the thumbprint of RFC 7638. */
export async function generateSigningKey(modulusLength: number): Promise<KeyMaterial> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength })
  const { e, n } = publicKey.export({ format: "jwk" })
  const kid = createHash("sha256")
    .update(JSON.stringify({ e, kty: "RSA", n }))
    .digest("base64url")
  return {
    kid,
    publicJwk: { kty: "RSA", n, e, alg: "RS256", use: "sig", kid } as JsonWebKey,
    privateJwk: { ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid } as JsonWebKey,
  }
}
