import { randomBytes } from "node:crypto"
import { randomToken, sha256 } from "@gatepost/runtime"

/** `gp_<env>_<id>_<secret>`: what it is, and where it is from, can be seen by whoever finds one. */
const API_KEY = /^gp_(?:live|test)_([0-9a-f]{16})_([\w-]{43})$/

export interface ApiKeyParts {
  id: string
  /** Of the secret's 256 random bits. */
  secretHash: Buffer
}

export const isApiKey = (text: string): boolean => text.startsWith("gp_")

export function newApiKey(environment: "live" | "test"): ApiKeyParts & { key: string } {
  const id = randomBytes(8).toString("hex")
  const secret = randomToken()
  return { id, key: `gp_${environment}_${id}_${secret}`, secretHash: sha256(secret) }
}

export function readApiKey(text: string): ApiKeyParts | undefined {
  const [, id, secret] = API_KEY.exec(text) ?? []
  return id && secret ? { id, secretHash: sha256(secret) } : undefined
}
