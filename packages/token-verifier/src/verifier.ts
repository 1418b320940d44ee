import type { KeyObject } from "node:crypto"
import jwt from "jsonwebtoken"
import { createVerifiedTokens, fingerprint } from "./cache.js"
import { type AccessTokenClaims, type Caller, isUserToken, toCaller } from "./caller.js"
import { refuse, TokenError } from "./errors.js"
import { CLOCK_TOLERANCE_SECONDS, readClaims, readParts } from "./guard.js"
import { createJwks, type KeySource } from "./jwks.js"
import { readOptions, type VerifierOptions, type VerifierSettings } from "./options.js"
import { followRevocations } from "./revocation/revocations.js"

export interface Verifier {
  /** Tells who presents this access token; throws a `TokenError` when it is not good here and now. */
  verify(token: string | undefined): Promise<Caller>
  /**
   * The same at once, where the token was verified before and nothing has to be waited for; `undefined` where
   * `verify` must tell. Throws a `TokenError` for a session that was revoked.
   */
  recall(token: string | undefined): Caller | undefined
  /** Whether tokens can be judged, for a readiness probe; fetches the keys when a fetch is due. Never throws. */
  ready(): Promise<boolean>
  /** Ends the connection for revocations, if there is one. */
  close(): void
}

/** Makes a verifier of Gatepost access tokens (RFC 9068). One per process is enough. */
export function createVerifier(options: VerifierOptions): Verifier {
  const settings = readOptions(options)
  const { findKey, peekKey, ready } = openSource(settings.source, settings)
  const revocations = settings.revocation && followRevocations(settings.revocation)
  const verifiedTokens = createVerifiedTokens(settings.cacheSize)

  async function verify(token: string | undefined): Promise<Caller> {
    if (!token) throw new TokenError("token_missing", "an access token is required")
    const id = fingerprint(token)
    return liveCaller((await remembered(id)) ?? (await prove(token, id)))
  }

  function recall(token: string | undefined): Caller | undefined {
    const verified = token && verifiedTokens.find(fingerprint(token), settings.clock())
    return verified && peekKey(verified.kid) === verified.key ? liveCaller(verified.claims) : undefined
  }

  /** A remembered token is only as good as its key: one withdrawn or replaced makes it be proved again. */
  async function remembered(id: string): Promise<AccessTokenClaims | undefined> {
    const verified = verifiedTokens.find(id, settings.clock())
    if (!verified) return undefined
    if ((await findKey(verified.kid)) === verified.key) return verified.claims
    verifiedTokens.forget(id)
    return undefined
  }

  function liveCaller(claims: AccessTokenClaims): Caller {
    // A client that acts for itself has no session.
    if (isUserToken(claims)) revocations?.assertLive(claims.sid)
    return toCaller(claims)
  }

  async function prove(token: string, id: string): Promise<AccessTokenClaims> {
    const { kid, payload } = readParts(token)
    const key = await findKey(kid)
    if (!key) refuse("no key has this kid")
    const nowSeconds = Math.floor(settings.clock() / 1000)
    const parsed = openSigned(token, key, nowSeconds, settings)
    const claims = readClaims(payload, parsed, nowSeconds, settings.maxLifetimeSeconds)
    const expiresAtMs = (claims.exp + CLOCK_TOLERANCE_SECONDS) * 1000
    verifiedTokens.remember(id, { claims, kid, key, expiresAtMs })
    return claims
  }

  return {
    verify,
    recall,
    ready: async () => (await ready()) && (revocations?.ready() ?? true),
    close: () => revocations?.close(),
  }
}

interface OpenSource {
  readonly findKey: KeySource
  readonly peekKey: (kid: string) => KeyObject | undefined
  readonly ready: () => Promise<boolean>
}

function openSource(source: VerifierSettings["source"], settings: VerifierSettings): OpenSource {
  if ("url" in source) {
    const jwks = createJwks(source.url, settings)
    return { findKey: jwks.find, peekKey: jwks.peek, ready: jwks.ready }
  }
  const findKey: KeySource = async (kid) => {
    try {
      return await source.keys(kid)
    } catch (cause) {
      throw new TokenError("keys_unavailable", "the signing keys could not be read", { cause })
    }
  }
  return { findKey, peekKey: () => undefined, ready: async () => true }
}

function openSigned(token: string, key: KeyObject, nowSeconds: number, settings: VerifierSettings): unknown {
  try {
    return jwt.verify(token, key, {
      algorithms: ["RS256"],
      issuer: settings.issuer,
      audience: settings.audience,
      clockTimestamp: nowSeconds,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    })
  } catch (cause) {
    if (cause instanceof jwt.TokenExpiredError) {
      throw new TokenError("token_expired", "the access token has expired", { cause })
    }
    return refuse("the signature, issuer, audience or nbf is not as required", cause)
  }
}
