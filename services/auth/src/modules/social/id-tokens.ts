import { createHash, timingSafeEqual } from "node:crypto"
import { systemClock } from "@gatepost/runtime"
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from "jose"
import type { UpstreamFetch } from "./upstream-calls.js"

// No `none`, and none that takes a shared secret (check 97 e).
const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA", "RS384", "ES384", "RS512", "ES512"]
const CLOCK_SKEW_SECONDS = 60
// An app brings its token at once; one that lay somewhere is somebody else's find.
const MAX_AGE_SECONDS = 600

export interface IdTokenRules {
  issuer: string
  /** Of these clients of ours. */
  audiences: string[]
}

/** The keys of one provider: kept for ten minutes, and asked for anew for one that is not known, every 30 s at most. */
export function idTokenVerifier({ issuer, audiences }: IdTokenRules, fetch: UpstreamFetch) {
  let keys: { uri: string; set: ReturnType<typeof createRemoteJWKSet> } | undefined

  const keySet = (uri: string) => {
    if (keys?.uri !== uri) {
      keys = { uri, set: createRemoteJWKSet(new URL(uri), { [customFetch]: fetch }) }
    }
    return keys.set
  }

  /**
   * The claims of an ID token of OpenID Connect Core section 3.1.3.7, of all that is asked of it but the nonce.
   *
   * @throws Error of `jose`
   */
  return async (idToken: string, jwksUri: string): Promise<VerifiedClaims> => {
    const { payload } = await jwtVerify(idToken, keySet(jwksUri), {
      issuer,
      audience: audiences,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_SKEW_SECONDS,
      requiredClaims: ["exp", "iat", "sub"],
      maxTokenAge: MAX_AGE_SECONDS,
      currentDate: new Date(systemClock.now()),
    })
    const audience = [payload.aud].flat()
    const { azp, sub, exp } = payload
    const clientId = audience.length === 1 ? audience[0] : azp
    if (typeof clientId !== "string" || !audiences.includes(clientId)) throw refused("aud")
    if (typeof sub !== "string" || !/^[\x21-\x7e]{1,255}$/.test(sub)) throw refused("sub")
    return { ...payload, sub, exp: Number(exp), clientId }
  }
}

export interface VerifiedClaims extends JWTPayload {
  sub: string
  exp: number
  clientId: string
}

const refused = (claim: string) => new errors.JWTInvalid(`the claim ${claim} is not as it has to be`)

/** Whether a token was asked for with this nonce; Apple's and Google's SDKs are given its SHA-256, as a rule. */
export function matchesNonce(claim: unknown, nonce: string): claim is string {
  const hash = createHash("sha256").update(nonce).digest()
  return [nonce, hash.toString("hex"), hash.toString("base64url")].some((form) => isSame(claim, form))
}

function isSame(claim: unknown, text: string): boolean {
  if (typeof claim !== "string") return false
  const [left, right] = [claim, text].map((value) => createHash("sha256").update(value).digest())
  return left !== undefined && right !== undefined && timingSafeEqual(left, right)
}
