import { systemClock } from "@gatepost/runtime"
import { type SigningKey, signJwt } from "../signing-keys/index.js"
import type { Delivery } from "./backchannel-logout.types.js"

const EVENT = "http://schemas.openid.net/event/backchannel-logout"
// Back-Channel Logout section 2.4 recommends two minutes at most.
const TTL_SECONDS = 120

/** A logout token (Back-Channel Logout section 2.4), of now. */
export function mintLogoutToken(
  { id, clientId, accountId, sessionId }: Delivery,
  key: SigningKey,
  issuer: string,
): Promise<string> {
  const iat = Math.floor(systemClock.now() / 1000)
  return signJwt(key, "logout+jwt", {
    iss: issuer,
    sub: accountId,
    aud: clientId,
    iat,
    exp: iat + TTL_SECONDS,
    jti: id,
    sid: sessionId,
    events: { [EVENT]: {} },
  })
}
