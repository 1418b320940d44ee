import type { LiveSession, PresentedToken } from "./sessions.types.js"

/** As far as the token goes: its session may have been granted more since, and have begun after the sign-in. */
export function asGranted({ session, oidcPayload }: PresentedToken): LiveSession {
  if (!oidcPayload) return session
  const { scope = "", authTime, amr } = oidcPayload as { scope?: string; authTime?: number; amr?: string[] }
  const granted = new Set(scope.split(" "))
  return {
    ...session,
    amr: amr ?? session.amr,
    scopes: session.scopes.filter((name) => granted.has(name)),
    authenticatedAt: authTime === undefined ? session.authenticatedAt : new Date(authTime * 1000),
  }
}
