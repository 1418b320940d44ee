import { createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto"

export const ISSUER = "https://id.example.test/oidc"
export const AUDIENCE = "https://api.example.test"

export interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly jwk: Record<string, unknown>
}

export function createSigningKey(kid: string, modulusLength = 2048): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength })
  return publish(kid, privateKey, publicKey, { use: "sig", alg: "RS256" })
}

export function createEcKey(kid: string): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  return publish(kid, privateKey, publicKey, { use: "sig", alg: "ES256" })
}

function publish(kid: string, privateKey: KeyObject, publicKey: KeyObject, members: object): SigningKey {
  return { kid, privateKey, publicKey, jwk: { ...publicKey.export({ format: "jwk" }), kid, ...members } }
}

/** One of each for all files: making an RSA key takes a tenth of a second. */
export const keys = {
  current: createSigningKey("current"),
  next: createSigningKey("next"),
  attacker: createSigningKey("attacker"),
}

export function userClaims(nowMs: number, members: object = {}): Record<string, unknown> {
  const iat = Math.floor(nowMs / 1000)
  return {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: "0198c1a2-0000-7000-8000-000000000001",
    user_id: "0198c1a2-0000-7000-8000-000000000001",
    jti: randomUUID(),
    client_id: "jobswipe",
    sid: "0198c1a2-0000-7000-8000-000000000002",
    email: "kim@example.test",
    email_verified: true,
    roles: ["user"],
    scope: "notifications:read profile",
    auth_time: iat - 60,
    amr: ["pwd"],
    acr: "1",
    iat,
    exp: iat + 1800,
    ...members,
  }
}

export function serviceClaims(nowMs: number, members: object = {}): Record<string, unknown> {
  const iat = Math.floor(nowMs / 1000)
  const client = { sub: "backend", client_id: "backend", scope: "notifications:write" }
  return { iss: ISSUER, aud: AUDIENCE, ...client, jti: randomUUID(), iat, exp: iat + 1800, ...members }
}

/** The claims may be text, for payloads that JSON.stringify would not write. */
export function signToken(claims: object | string | Buffer, header: object = {}, key = keys.current): string {
  const input = signingInput({ alg: "RS256", typ: "at+jwt", kid: key.kid, ...header }, claims)
  return `${input}.${sign("sha256", Buffer.from(input), key.privateKey).toString("base64url")}`
}

export function signingInput(header: object | string, claims: object | string | Buffer): string {
  return `${encode(header)}.${encode(claims)}`
}

function encode(part: object | string | Buffer): string {
  if (Buffer.isBuffer(part)) return part.toString("base64url")
  return Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url")
}

export function pemOf(key: SigningKey): string {
  return createPublicKey(key.privateKey).export({ format: "pem", type: "spki" }).toString()
}
