export { sendingRoutes } from "./sending.routes.js"
export { createSendingService, type SendingService } from "./sending.service.js"
