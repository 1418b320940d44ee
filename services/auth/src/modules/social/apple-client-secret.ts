import { createPrivateKey } from "node:crypto"
import { ConfigError, systemClock } from "@gatepost/runtime"
import { SignJWT } from "jose"
import type { AppleSettings } from "../social-providers/index.js"

// Apple takes up to six months; it is made anew for each call.
const TTL_SECONDS = 300

/**
 * Apple's client secret: a JWT that the key of the developer account signs.
 *
 * @throws ConfigError where the key is none
 */
export function appleClientSecret(settings: AppleSettings): (clientId: string) => Promise<string> {
  const key = readKey(settings)
  return (clientId) => {
    const now = Math.floor(systemClock.now() / 1000)
    return new SignJWT()
      .setProtectedHeader({ alg: "ES256", kid: settings.key_id })
      .setIssuer(settings.team_id)
      .setSubject(clientId)
      .setAudience(settings.issuer)
      .setIssuedAt(now)
      .setExpirationTime(now + TTL_SECONDS)
      .sign(key)
  }
}

function readKey({ private_key }: AppleSettings) {
  try {
    const key = createPrivateKey(private_key.reveal())
    if (key.asymmetricKeyDetails?.namedCurve === "prime256v1") return key
  } catch {
    // The fault would quote the key.
  }
  throw new ConfigError("SOCIAL_PROVIDERS: the private_key of apple is no P-256 key in PEM")
}
