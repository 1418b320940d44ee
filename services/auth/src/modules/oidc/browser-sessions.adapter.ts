import type { Database } from "@gatepost/postgres"
import type { Adapter, AdapterPayload } from "oidc-provider"
import { accountsRepository } from "../accounts/index.js"
import type { SessionStore } from "../sessions/index.js"
import { browserSessionsRepository } from "./browser-sessions.repository.js"
import {
  currentBrowser,
  currentSignOut,
  currentSource,
  forgetBrowserChanges,
  keepBrowserCookie,
} from "./current-request.js"
import { isSafeId, toJson } from "./stored-values.js"

/**
 * What a browser's cookie stands for. Which apps were opened there, our sessions know: each of them is one
 * app's, and of many requests at once the provider would store what the last of them had read.
 */
export function browserSessionsAdapter({
  database,
  store,
}: {
  database: Database
  store: SessionStore
}): Adapter {
  const rows = browserSessionsRepository(database.db)

  return {
    async upsert(id, { authorizations, ...payload }, ttlSeconds = 0) {
      const { uid, formerId } = currentBrowser()
      const session = { id, formerId, uid, payload: toJsonOnce(payload), ttlSeconds }
      // It ended meanwhile, or another request gave it another id: this one's cookie would lead nowhere.
      if (!(await rows.upsertBrowserSession(session))) keepBrowserCookie()
    },
    find: async (id) => (isSafeId(id) ? signedIn(await rows.findLive("id", id)) : undefined),
    findByUid: async (uid) => signedIn(await rows.findLive("uid", uid)),
    // Without a sign-out it only gets another id, by which it is stored next.
    async destroy() {
      const signOut = currentSignOut()
      if (!signOut) return
      const { uid } = currentBrowser()
      await database.transaction(async (trx) => {
        if (signOut.of === "browser") await browserSessionsRepository(trx).updateEnded(uid)
        await store.signOutOf(trx, signOut.of, uid, currentSource())
      })
    },
    async consume() {},
    async revokeByGrantId() {},
    findByUserCode: async () => undefined,
  }

  /**
   * Whoever signed in there counts as signed in: not after a password reset (check 54), nor when every
   * session that began there was ended elsewhere.
   */
  async function signedIn(payload: AdapterPayload | undefined): Promise<AdapterPayload | undefined> {
    if (payload?.accountId === undefined) return payload
    const { accountId, loginTs, uid = "" } = payload
    if (!(await accountsRepository(database.db).isSignedInSince(accountId, loginTs ?? 0))) return undefined
    const sessions = await store.listOfBrowser(uid)
    if (sessions.length > 0 && !sessions.some(({ isLive }) => isLive)) return undefined
    const authorizations = sessions.map(({ id, clientId, outlivesBrowser }) => [
      clientId,
      { grantId: id, ...(outlivesBrowser && { persistsLogout: true }) },
    ])
    return { ...payload, authorizations: Object.fromEntries(authorizations) }
  }
}

function toJsonOnce(payload: AdapterPayload): string {
  try {
    return toJson(payload)
  } catch (refusal) {
    forgetBrowserChanges()
    throw refusal
  }
}
