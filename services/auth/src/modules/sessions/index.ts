export { admitted, type ProvedSignIn } from "./admission.js"
export { deviceOf } from "./device.js"
export { createSessionStore, type SessionStore, type SessionsOptions } from "./session-store.js"
export { sessionsRoutes } from "./sessions.routes.js"
export {
  DeviceName,
  MfaDeviceToken,
  SessionList,
  TokenResponse,
  toSessionView,
  toTokenResponse,
} from "./sessions.schemas.js"
export { createSessionsService, type SessionsService } from "./sessions.service.js"
export type {
  Admission,
  FirstProof,
  IssuedTokens,
  LiveSession,
  MfaChallenge,
  PresentedToken,
  RefreshLookup,
  RevocationReason,
  SignInContext,
  SignInPolicy,
} from "./sessions.types.js"
