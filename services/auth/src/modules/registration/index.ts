export { admitMailbox } from "./mailbox-limit.js"
export { registrationRoutes } from "./registration.routes.js"
export { registerBody } from "./registration.schemas.js"
export { createRegistrationService, type RegistrationService } from "./registration.service.js"
