export { sessionsRoutes } from "./sessions.routes.js"
export { TokenResponse, toTokenResponse } from "./sessions.schemas.js"
export { createSessionsService, type SessionsOptions, type SessionsService } from "./sessions.service.js"
export type { IssuedTokens, LiveSession } from "./sessions.types.js"
