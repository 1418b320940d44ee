export { templatesRoutes } from "./templates.routes.js"
export { createTemplatesService, type TemplatesService } from "./templates.service.js"
