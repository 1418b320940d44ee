import type { Database } from "@gatepost/postgres"
import { isUuid } from "@gatepost/runtime"
import { type Adapter, type AdapterPayload, errors } from "oidc-provider"
import { accountsRepository } from "../accounts/index.js"
import type { LiveSession, SessionStore } from "../sessions/index.js"
import { browserSessionsRepository } from "./browser-sessions.repository.js"
import { currentBrowser, currentSource, isForDevice } from "./current-request.js"

interface GrantPayload {
  accountId: string
  clientId: string
  openid?: { scope?: string }
  resources?: Record<string, string>
}

interface Deps {
  database: Database
  store: SessionStore
  audience: string
}

/** A grant is a session: what ends the one ends the other. */
export function grantsAdapter({ database, store, audience }: Deps): Adapter {
  const notHere = async () => undefined

  return {
    async upsert(id, payload) {
      const grant = payload as AdapterPayload & GrantPayload
      const scopes = [grant.openid?.scope, ...Object.values(grant.resources ?? {})].join(" ").split(" ")
      const { uid, signedInAt, amr } = currentBrowser()
      const session = {
        id,
        accountId: grant.accountId,
        clientId: grant.clientId,
        amr,
        authenticatedAt: signedInAt,
        browserUid: isForDevice() ? undefined : uid,
        scopes: [...new Set(scopes.filter(Boolean))],
      }
      await database.transaction(async (trx) => {
        // Either this sees a reset, or an end of everything, or a sign-out, or that sees this (checks 54 and 66).
        const isSignedIn =
          (await accountsRepository(trx).lockSignedInSince(grant.accountId, signedInAt)) &&
          (await browserSessionsRepository(trx).lockUnlessEnded(uid))
        if (!isSignedIn) throw new errors.LoginRequired("the sign-in has ended meanwhile")
        await store.saveGrant(trx, session, { ...grant }, currentSource())
      })
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
