export { registrationRoutes } from "./registration.routes.js"
export { createRegistrationService, type RegistrationService } from "./registration.service.js"
