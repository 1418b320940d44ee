export { emailChangesRoutes } from "./email-changes.routes.js"
export { createEmailChangesService, type EmailChangesService } from "./email-changes.service.js"
