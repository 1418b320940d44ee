export { assertMayActOn } from "./rank.js"
export { rolesRoutes } from "./roles.routes.js"
export { createRolesService, type RolesService } from "./roles.service.js"
