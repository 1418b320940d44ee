import { type AccountRow, toAccount } from "../accounts/index.js"
import { roleGrantsOf } from "../role-grants/index.js"
import type { LiveSession } from "./sessions.types.js"

export interface LiveSessionRow extends AccountRow {
  session_id: string
  client_id: string
  authenticated_at: Date
  amr: string[]
  scopes: string[]
  oidc_grant: Record<string, unknown> | null
  session_expires_at: Date
  role_grants: string[]
}

/** Of `auth.sessions s` joined with `auth.accounts a`. */
export const LIVE_SESSION_COLUMNS = `s.id as session_id, s.client_id, s.authenticated_at, s.amr, s.scopes,
  s.oidc_grant, s.expires_at as session_expires_at,
  a.id, a.email, a.name, a.locale, a.email_verified_at, a.disabled_at, a.created_at, a.external_id,
  ${roleGrantsOf("a.id", "s.client_id")} as role_grants`

export const toLiveSession = (row: LiveSessionRow): LiveSession => ({
  id: row.session_id,
  clientId: row.client_id,
  authenticatedAt: row.authenticated_at,
  amr: row.amr,
  scopes: row.scopes,
  oidcGrant: row.oidc_grant ?? undefined,
  expiresAt: row.session_expires_at,
  roleGrants: row.role_grants,
  account: toAccount(row),
})
