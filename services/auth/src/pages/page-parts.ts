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
    | "emailChanges"
    | "emailVerification"
    | "limiter"
    | "logger"
    | "passwordReset"
    | "registration"
    | "secondFactors"
    | "sessions"
    | "store"
    | "verifier"
  > {
  oidc: Oidc
}
