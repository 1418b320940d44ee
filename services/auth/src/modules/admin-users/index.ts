export { adminUsersRoutes } from "./admin-users.routes.js"
export { AdminUser, toAdminUserView } from "./admin-users.schemas.js"
export { type AdminUsersService, createAdminUsersService } from "./admin-users.service.js"
