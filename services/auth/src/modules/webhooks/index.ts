export { FORMER_WEBHOOKS_SEALED, WEBHOOKS_SEALED } from "./webhooks.repository.js"
export { webhooksRoutes } from "./webhooks.routes.js"
export { openWebhooks, type Webhooks } from "./webhooks.service.js"
