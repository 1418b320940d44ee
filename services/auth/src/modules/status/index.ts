export { statusRoutes } from "./status.routes.js"
