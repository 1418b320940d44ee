import type { Database } from "@gatepost/postgres"
import { accountsRepository } from "../accounts/index.js"
import type { SessionStore } from "../sessions/index.js"
import { currentSignOut } from "./current-request.js"

interface BrowserSession {
  accountId?: string
  loginTs?: number
  authorizations?: Record<string, { grantId?: string }>
}

/**
 * Whether somebody who signed in to this browser still counts as signed in: not after a password reset
 * (check 54), nor when every session that began here was ended elsewhere.
 */
export async function isStillSignedIn(
  { accountId, loginTs, authorizations }: BrowserSession,
  { database, store }: { database: Database; store: SessionStore },
): Promise<boolean> {
  if (accountId === undefined) return true
  if (!(await accountsRepository(database.db).isSignedInSince(accountId, loginTs ?? 0))) return false
  const grantIds = Object.values(authorizations ?? {}).flatMap(({ grantId }) => grantId ?? [])
  if (grantIds.length === 0) return true
  const sessions = await Promise.all(grantIds.map(store.findLive))
  return sessions.some((session) => session !== undefined)
}

/**
 * The sessions that a browser, as it was stored, is being signed out of by this request: all of them, or
 * that of the client whose person stays signed in. A browser that only gets another id leaves none.
 */
export function signedOutSessions({ authorizations }: BrowserSession): string[] {
  const signOut = currentSignOut()
  if (!signOut) return []
  return Object.entries(authorizations ?? {}).flatMap(([clientId, { grantId }]) =>
    grantId === undefined || signOut.staysAt(clientId) ? [] : grantId,
  )
}
