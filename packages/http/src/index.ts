export { type AppOptions, createApp } from "./app.js"
export { assertAccess, authenticator } from "./authenticate.js"
export { contextOf, hostOf } from "./context.js"
export { callsOf, type Dialect, type DialectCall, dialectOf, dialects } from "./dialects.js"
export { toRefusal } from "./envelopes.js"
export { type ErrorHandlerOptions, errorHandler, notFound } from "./error-handler.js"
export { evenly } from "./evenly.js"
export { type Check, createHealth, type Health, type HealthReport } from "./health.js"
export { isStorable } from "./json.js"
export {
  counterKey,
  createLimiter,
  type Limiter,
  type LimitName,
  type LimitStore,
  networkOf,
  tooMany,
  unlimited,
  wideNetworkOf,
} from "./limits.js"
export { Message, said } from "./message.js"
export { createMetrics, type LookedUpGauge, type Metrics } from "./metrics.js"
export { markKnown } from "./middlewares/unknown-callers.js"
export { callerKey, type Forbidden, type MountedRoutes, type MountOptions, mountRoutes } from "./mount.js"
export { type DocumentInfo, openApiDocument } from "./openapi.js"
export * from "./problems/index.js"
export {
  type Access,
  type AnyRoute,
  type Caller,
  type RequestContext,
  type Route,
  route,
  type ServiceCaller,
  sharedProblems,
  type UserCaller,
} from "./route.js"
export { type ServeParts, serve } from "./serve.js"
export { type ListenOptions, listen, listenForOperators, type RunningServer } from "./server.js"
export { settle } from "./settle.js"
export { createTurns, type InTurn } from "./turns.js"
export { type Written, written } from "./written.js"
