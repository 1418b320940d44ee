export { revocationsRoutes } from "./revocations.routes.js"
export { createRevocationsService, type RevocationsService } from "./revocations.service.js"
export { REVOCATION_STREAM_PATHS, revocationStream } from "./revocations.stream.js"
