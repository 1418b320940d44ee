export { profilesRoutes } from "./profiles.routes.js"
export { createProfilesService, type ProfilesService } from "./profiles.service.js"
