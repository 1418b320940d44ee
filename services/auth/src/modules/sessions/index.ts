export { assertFresh } from "./fresh.js"
export { createSessionStore, type SessionStore, type SessionsOptions } from "./session-store.js"
export { sessionsRoutes } from "./sessions.routes.js"
export { DeviceName, SessionList, TokenResponse, toSessionView, toTokenResponse } from "./sessions.schemas.js"
export { createSessionsService, type SessionsService } from "./sessions.service.js"
export type {
  IssuedTokens,
  LiveSession,
  PresentedToken,
  RefreshLookup,
  RevocationReason,
  SignInContext,
} from "./sessions.types.js"
