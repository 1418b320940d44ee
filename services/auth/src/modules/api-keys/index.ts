export { isApiKey } from "./api-key.js"
export { apiKeysRepository } from "./api-keys.repository.js"
export { apiKeysRoutes } from "./api-keys.routes.js"
export { type ApiKeys, createApiKeys } from "./api-keys.service.js"
