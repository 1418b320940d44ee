export { preferencesRepository } from "./preferences.repository.js"
export { preferencesRoutes } from "./preferences.routes.js"
export { createPreferencesService, type PreferencesService } from "./preferences.service.js"
export { DEFAULT_CATEGORY, modesOf, type Preference, SECURITY_CATEGORY } from "./preferences.types.js"
