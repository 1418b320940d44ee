import { type Adapter, type AdapterPayload, errors } from "oidc-provider"
import type { PresentedToken, SessionStore } from "../sessions/index.js"
import { currentSource, isRotation, presentedInRequest } from "./current-request.js"

/** Refresh tokens are those of the session store: one statement rotates, here as at the JSON door. */
export function refreshTokensAdapter({
  store,
  audience,
}: {
  store: SessionStore
  audience: string
}): Adapter {
  const notHere = async () => undefined

  return {
    async upsert(id, payload) {
      // A successor was stored by the rotation that consumed its parent.
      if (isRotation()) return
      const { jti, ...rest } = payload
      await store.insertToken(id, String(payload.grantId), rest)
    },
    async find(id) {
      const presented = await store.findPresented(id)
      if (!presented) return undefined
      if (presented.kind === "reused") {
        await store.endStolen(presented.session, currentSource())
        return undefined
      }
      presentedInRequest.set(id, presented)
      return toPayload(id, presented, audience)
    },
    async consume(id) {
      const presented = presentedInRequest.get(id)
      const rotated = presented && (await store.rotate(id, store.successorOf(id, presented)))
      if (!rotated) throw new errors.InvalidGrant("already used")
    },
    async destroy(id) {
      const presented = await store.findPresented(id)
      if (presented) await store.end(presented.session.id, "oidc", currentSource())
    },
    async revokeByGrantId(grantId) {
      await store.end(grantId, "oidc", currentSource())
    },
    findByUid: notHere,
    findByUserCode: notHere,
  }
}

function toPayload(jti: string, presented: PresentedToken, audience: string): AdapterPayload {
  const { session, issuedAt, expiresAt } = presented
  const iat = Math.floor(issuedAt.getTime() / 1000)
  const firstParty = {
    accountId: session.account.id,
    amr: session.amr,
    authTime: Math.floor(session.authenticatedAt.getTime() / 1000),
    clientId: session.clientId,
    grantId: session.id,
    gty: "authorization_code",
    resource: audience,
    scope: session.scopes.join(" "),
    iiat: iat,
    rotations: 0,
  }
  const exp = Math.floor(expiresAt.getTime() / 1000)
  return { ...(presented.oidcPayload ?? firstParty), jti, kind: "RefreshToken", iat, exp }
}
