export { roleGrantsOf } from "./role-grants.js"
export { type RoleGrant, roleGrantsRepository } from "./role-grants.repository.js"
