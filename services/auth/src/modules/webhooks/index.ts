export { webhooksRoutes } from "./webhooks.routes.js"
export { openWebhooks, type Webhooks } from "./webhooks.service.js"
