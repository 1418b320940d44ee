import { systemClock } from "@gatepost/runtime"
import type { Delivery } from "../deliveries/index.js"
import { type SigningKey, signJwt } from "../signing-keys/index.js"
import type { LogoutFacts } from "./backchannel-logout.repository.js"

const EVENT = "http://schemas.openid.net/event/backchannel-logout"
// Back-Channel Logout section 2.4 recommends two minutes at most.
const TTL_SECONDS = 120

/** A logout token (Back-Channel Logout section 2.4), of now. */
export function mintLogoutToken(
  { id, targetId: clientId, accountId, sessionId }: Delivery & LogoutFacts,
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
