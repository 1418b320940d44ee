import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from "oidc-provider"
import { personClaims } from "../access-tokens/index.js"
import type { Apps } from "../apps/index.js"
import type { SessionStore } from "../sessions/index.js"

/** What a person's access token says of the person and the session (DESIGN.md D5). */
export async function tokenClaims(
  ctx: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
  { apps, store }: { apps: Apps; store: SessionStore },
) {
  // Without a resource it is opaque, and for the userinfo endpoint alone.
  if (!token.aud || !("grantId" in token) || !token.grantId) return undefined
  const session = await store.findLive(token.grantId)
  if (!session) return undefined

  const { AuthorizationCode, DeviceCode, RefreshToken, Grant } = ctx.oidc.entities
  const source = (AuthorizationCode ?? DeviceCode ?? RefreshToken) as { authTime?: number } | undefined
  const { email, email_verified, ...claims } = personClaims({ ...session, sessionId: session.id })
  const mayKnowEmail =
    apps.find(session.clientId)?.first_party || Grant?.getOIDCScope().split(" ").includes("email")
  return {
    ...claims,
    // A grant may be older or younger than the sign-in that this token comes of.
    auth_time: source?.authTime ?? claims.auth_time,
    ...(mayKnowEmail && { email, email_verified }),
  }
}
