import type { Oidc } from "../modules/oidc/index.js"
import type { Parts } from "../wiring.js"

/** What the pages need of the service. */
export interface PageParts
  extends Pick<
    Parts,
    | "adminInvitations"
    | "apps"
    | "config"
    | "database"
    | "departures"
    | "emailChanges"
    | "emailVerification"
    | "limiter"
    | "signInGuard"
    | "logger"
    | "ownership"
    | "passwordReset"
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
