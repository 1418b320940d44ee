export { sendingRoutes } from "./sending.routes.js"
export { createSendingService, type SendingService } from "./sending.service.js"
export type { Channels, OutgoingMessage } from "./sending.types.js"
