import { type Adapter, type AdapterPayload, errors } from "oidc-provider"
import type { PresentedToken, RefreshLookup, SessionStore } from "../sessions/index.js"
import { currentSource, isExchange, isRotation, presentedInRequest } from "./current-request.js"
import { inOwnWords } from "./limits.js"

/** Refresh tokens are those of the session store: one statement rotates, here as at the JSON door. */
export function refreshTokensAdapter({
  store,
  audience,
}: {
  store: SessionStore
  audience: string
}): Adapter {
  const notHere = async () => undefined
  const exchange = async (id: string, presented: RefreshLookup) => {
    try {
      return await store.exchange(id, presented, currentSource())
    } catch (refusal) {
      throw inOwnWords(refusal)
    }
  }

  return {
    async upsert(id, payload) {
      // A successor was stored by the rotation that consumed its parent.
      if (isRotation()) return
      const { jti, ...rest } = payload
      const isLive = await store.insertToken(id, String(payload.grantId), rest)
      if (!isLive) throw new errors.InvalidGrant("the session has ended")
    },
    async find(id) {
      const presented = await store.findPresented(id)
      if (!presented) return undefined
      const payload = toPayload(id, presented, audience)
      if (presented.kind === "usable") {
        presentedInRequest.set(id, presented)
        return payload
      }
      // Whoever only asks about a spent token, or gives it back, exchanges nothing.
      if (!isExchange()) return { ...payload, consumed: true }
      await exchange(id, presented)
      return undefined
    },
    async consume(id) {
      const presented = presentedInRequest.get(id)
      if (presented && (await exchange(id, presented))) return
      throw new errors.InvalidGrant("already used")
    },
    // The provider ends the grant with it, which is the session.
    async destroy() {},
    async revokeByGrantId() {},
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
