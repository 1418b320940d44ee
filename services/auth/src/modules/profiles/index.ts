export { type KeptProfile, type ProfileMembers, profilesRepository } from "./profiles.repository.js"
export { profilesRoutes } from "./profiles.routes.js"
export { ProfileValue } from "./profiles.schemas.js"
export { createProfilesService, type ProfilesService } from "./profiles.service.js"
