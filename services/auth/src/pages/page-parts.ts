import type { Oidc } from "../modules/oidc/index.js"
import type { Parts } from "../wiring.js"

/** What the pages need of the service. */
export interface PageParts
  extends Pick<
    Parts,
    | "adminInvitations"
    | "apps"
    | "audit"
    | "config"
    | "database"
    | "departures"
    | "emailChanges"
    | "emailVerification"
    | "exports"
    | "identities"
    | "limiter"
    | "signInGuard"
    | "logger"
    | "ownership"
    | "passwordChanges"
    | "passwordReset"
    | "profiles"
    | "registration"
    | "secondFactors"
    | "sessions"
    | "signInLinks"
    | "social"
    | "store"
    | "verifier"
  > {
  oidc: Oidc
}
