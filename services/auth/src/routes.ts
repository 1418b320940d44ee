import type { AnyRoute, UserCaller } from "@gatepost/http"
import { accountsRoutes } from "./modules/accounts/index.js"
import { adminInvitationsRoutes } from "./modules/admin-invitations/index.js"
import { apiKeysRoutes } from "./modules/api-keys/index.js"
import { auditRoutes } from "./modules/audit/index.js"
import { departuresRoutes } from "./modules/departures/index.js"
import { emailChangesRoutes } from "./modules/email-changes/index.js"
import { emailVerificationRoutes } from "./modules/email-verification/index.js"
import { eventsRoutes } from "./modules/events/index.js"
import { guestsRoutes } from "./modules/guests/index.js"
import { passkeysRoutes } from "./modules/passkeys/index.js"
import { passwordChangesRoutes } from "./modules/password-changes/index.js"
import { passwordResetRoutes } from "./modules/password-reset/index.js"
import { profilesRoutes } from "./modules/profiles/index.js"
import { registrationRoutes } from "./modules/registration/index.js"
import { revocationsRoutes } from "./modules/revocations/index.js"
import { secondFactorsRoutes } from "./modules/second-factors/index.js"
import { type LiveSession, sessionsRoutes } from "./modules/sessions/index.js"
import { signInGuardRoutes } from "./modules/sign-in-guard/index.js"
import { signInLinksRoutes } from "./modules/sign-in-links/index.js"
import { identitiesRoutes, socialRoutes } from "./modules/social/index.js"
import { statusRoutes } from "./modules/status/index.js"
import { verificationCodesRoutes } from "./modules/verification-codes/index.js"
import type { Parts } from "./wiring.js"

export type RouteParts = Pick<
  Parts,
  | "adminInvitations"
  | "apiKeys"
  | "apps"
  | "audit"
  | "departures"
  | "emailChanges"
  | "exports"
  | "emailVerification"
  | "events"
  | "guests"
  | "health"
  | "identities"
  | "passwordChanges"
  | "passwordReset"
  | "profiles"
  | "registration"
  | "revocations"
  | "secondFactors"
  | "sessions"
  | "signInGuard"
  | "signInLinks"
  | "social"
  | "verificationCodes"
>

const accountOf = (caller: UserCaller) => (caller.state as LiveSession).account

/** The table of contents of the JSON API. */
export const routes = (parts: RouteParts, policy: { minLength: number }): AnyRoute[] => [
  ...registrationRoutes(parts.registration, policy),
  ...sessionsRoutes(parts.sessions, parts.apps),
  ...auditRoutes(parts.audit),
  ...signInGuardRoutes(parts.signInGuard),
  ...secondFactorsRoutes({ ...parts.secondFactors, sessions: parts.sessions }),
  ...passkeysRoutes({ ...parts.secondFactors, sessions: parts.sessions, accountOf }),
  ...accountsRoutes(accountOf),
  ...profilesRoutes(parts.profiles, accountOf),
  ...departuresRoutes(parts.departures, parts.exports, accountOf),
  ...passwordChangesRoutes(parts.passwordChanges, policy, parts.sessions, accountOf),
  ...emailChangesRoutes(parts.emailChanges, parts.sessions, accountOf),
  ...emailVerificationRoutes(parts.emailVerification),
  ...verificationCodesRoutes(parts.verificationCodes),
  ...passwordResetRoutes(parts.passwordReset, policy),
  ...guestsRoutes(parts.guests, policy),
  ...signInLinksRoutes(parts.signInLinks, parts.sessions),
  ...socialRoutes(parts.social, parts.apps),
  ...identitiesRoutes(parts.identities),
  ...revocationsRoutes(parts.revocations),
  ...adminInvitationsRoutes(parts.adminInvitations, policy),
  ...apiKeysRoutes(parts.apiKeys, parts.sessions),
  ...eventsRoutes(parts.events),
  ...statusRoutes(parts.health),
]
