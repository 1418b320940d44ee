import type { Scope } from "@gatepost/contracts"
import { newId, systemClock } from "@gatepost/runtime"
import { type SigningKeys, signJwt } from "../signing-keys/index.js"

// No app's: client ids of apps come from a file and the admin API, which keep to other names.
const CLIENT_ID = "gatepost-auth"
const TTL_SECONDS = 300
const SCOPE: Scope = "facts:write"

/**
 * Our own token for another service of the house (RFC 9068): whoever has the keys need not ask themselves for one.
 *
 * @returns a function that gives a token with at least a minute to live
 */
export function createServiceToken(deps: { keys: SigningKeys; issuer: string; audience: string }) {
  let current: { token: string; until: number } | undefined

  return async (): Promise<string> => {
    const iat = Math.floor(systemClock.now() / 1000)
    if (current && iat < current.until) return current.token
    const token = await signJwt(deps.keys.current(), "at+jwt", {
      iss: deps.issuer,
      sub: CLIENT_ID,
      aud: deps.audience,
      client_id: CLIENT_ID,
      scope: SCOPE,
      iat,
      exp: iat + TTL_SECONDS,
      jti: newId(),
    })
    current = { token, until: iat + TTL_SECONDS - 60 }
    return token
  }
}
