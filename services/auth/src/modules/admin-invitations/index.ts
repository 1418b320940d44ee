export { adminInvitationsRoutes } from "./admin-invitations.routes.js"
export { type AdminInvitations, createAdminInvitations, inviteAdmin } from "./admin-invitations.service.js"
