export { revocationsRoutes } from "./revocations.routes.js"
export { createRevocationsService, type RevocationsService } from "./revocations.service.js"
export { revocationStream } from "./revocations.stream.js"
