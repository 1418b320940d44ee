export { type Apps, loadApps } from "./apps.service.js"
export { App } from "./apps.types.js"
export { builtInRoles, INSTALLATION } from "./built-in-roles.js"
export type { Rights, RightsHolder } from "./rights.js"
