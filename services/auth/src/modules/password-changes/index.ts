export { passwordChangesRoutes } from "./password-changes.routes.js"
export { createPasswordChangesService, type PasswordChangesService } from "./password-changes.service.js"
