import { generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto"
import { PUBLIC_URL } from "./settings.js"

export interface SigningKey {
  kid: string
  privateKey: KeyObject
  publicKey: KeyObject
  jwk: object
}

export function createSigningKey(kid: string): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
  const jwk = { ...publicKey.export({ format: "jwk" }), kid, use: "sig", alg: "RS256" }
  return { kid, privateKey, publicKey, jwk }
}

/** The one that is published, and one that nobody ever heard of; made once, since making one takes long. */
export const keys = { published: createSigningKey("published"), unknown: createSigningKey("unknown") }

const now = () => Math.floor(Date.now() / 1000)

/** A person's token as DESIGN.md D5 has it. */
export const userClaims = (userId: string = randomUUID()) => ({
  iss: `${PUBLIC_URL}/oidc`,
  sub: userId,
  aud: PUBLIC_URL,
  exp: now() + 1800,
  iat: now(),
  jti: randomUUID(),
  client_id: "jobswipe",
  scope: "account notifications:read",
  sid: randomUUID(),
  user_id: userId,
  email: "person@example.com",
  email_verified: true,
  roles: [],
  auth_time: now(),
  amr: ["pwd"],
  acr: "aal1",
})

/** Another backend's token: RFC 9068 with the client as its subject. */
export const serviceClaims = (clientId = "backend", scope = "notifications:write") => ({
  iss: `${PUBLIC_URL}/oidc`,
  sub: clientId,
  aud: PUBLIC_URL,
  exp: now() + 1800,
  iat: now(),
  jti: randomUUID(),
  client_id: clientId,
  scope,
})

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url")

/** Signs claims with RS256, under the header of an access token unless it is told otherwise. */
export function signToken(claims: object, header: object = {}, { kid, privateKey } = keys.published): string {
  const input = `${encode({ alg: "RS256", typ: "at+jwt", kid, ...header })}.${encode(claims)}`
  return `${input}.${sign("sha256", Buffer.from(input), privateKey).toString("base64url")}`
}

export const userToken = (userId?: string) => signToken(userClaims(userId))

export const serviceToken = (clientId?: string, scope?: string) => signToken(serviceClaims(clientId, scope))

/** A token with the given header, whose signature is what it is told to be. */
export const forgeToken = (claims: object, header: object, signature: (input: string) => string) => {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${signature(input)}`
}
