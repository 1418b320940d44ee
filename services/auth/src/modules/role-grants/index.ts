export { rolesExporter } from "./role-grants.exporter.js"
export { roleGrantsOf } from "./role-grants.js"
export { type RoleGrant, roleGrantsRepository } from "./role-grants.repository.js"
