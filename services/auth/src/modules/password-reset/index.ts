export { passwordResetRoutes } from "./password-reset.routes.js"
export { createPasswordResetService, type PasswordResetService } from "./password-reset.service.js"
