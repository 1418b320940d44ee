import { isUuid } from "@gatepost/runtime"
import type { Adapter, AdapterPayload } from "oidc-provider"
import type { LiveSession, SessionStore } from "../sessions/index.js"
import { currentSource } from "./current-request.js"

interface GrantPayload {
  accountId: string
  clientId: string
  openid?: { scope?: string }
  resources?: Record<string, string>
}

/** A grant is a session: what ends the one ends the other. */
export function grantsAdapter({ store, audience }: { store: SessionStore; audience: string }): Adapter {
  const notHere = async () => undefined

  return {
    async upsert(id, payload) {
      const grant = payload as AdapterPayload & GrantPayload
      const scopes = [grant.openid?.scope, ...Object.values(grant.resources ?? {})].join(" ").split(" ")
      const session = {
        id,
        accountId: grant.accountId,
        clientId: grant.clientId,
        amr: ["pwd"],
        scopes: [...new Set(scopes.filter(Boolean))],
      }
      await store.saveGrant(session, { ...grant }, currentSource())
    },
    async find(id) {
      const session = isUuid(id) ? await store.findLive(id) : undefined
      return session && toGrant(session, audience)
    },
    async destroy(id) {
      if (isUuid(id)) await store.end(id, "oidc", currentSource())
    },
    async consume() {},
    async revokeByGrantId() {},
    findByUid: notHere,
    findByUserCode: notHere,
  }
}

function toGrant(session: LiveSession, audience: string): AdapterPayload {
  const { id, clientId, account, scopes, authenticatedAt, expiresAt } = session
  const allowed = session.oidcGrant ?? {
    openid: { scope: "openid offline_access" },
    resources: { [audience]: scopes.join(" ") },
  }
  return {
    ...allowed,
    jti: id,
    kind: "Grant",
    accountId: account.id,
    clientId,
    iat: seconds(authenticatedAt),
    exp: seconds(expiresAt),
  }
}

const seconds = (date: Date) => Math.floor(date.getTime() / 1000)
