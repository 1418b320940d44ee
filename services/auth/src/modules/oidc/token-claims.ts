import { type AccessToken, type ClientCredentials, errors, type KoaContextWithOIDC } from "oidc-provider"
import { personClaims } from "../access-tokens/index.js"
import type { Apps } from "../apps/index.js"
import type { SessionStore } from "../sessions/index.js"

/**
 * What a person's access token says of the person and the session (DESIGN.md D5).
 *
 * @throws InvalidGrant when the session is over
 */
export async function tokenClaims(
  ctx: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
  { apps, store }: { apps: Apps; store: SessionStore },
) {
  // Without a resource it is opaque, and for the userinfo endpoint alone.
  if (!token.aud || !("grantId" in token) || !token.grantId) return undefined
  const session = await store.findLive(token.grantId)
  // It ended a moment ago. Without its id nobody could revoke the token, nor tell it from a service's.
  if (!session) throw new errors.InvalidGrant("the session has ended")

  const { AuthorizationCode, DeviceCode, RefreshToken } = ctx.oidc.entities
  const source = (AuthorizationCode ?? DeviceCode ?? RefreshToken) as
    | { authTime?: number; amr?: string[] }
    | undefined
  const amr = source?.amr ?? session.amr
  const claims = personClaims({ ...session, amr, sessionId: session.id }, apps.rightsOf(session))
  // A grant may be older or younger than the sign-in that this token comes of.
  return { ...claims, auth_time: source?.authTime ?? claims.auth_time }
}
