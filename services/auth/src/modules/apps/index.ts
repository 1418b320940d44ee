export { type Apps, loadApps } from "./apps.service.js"
export { App } from "./apps.types.js"
