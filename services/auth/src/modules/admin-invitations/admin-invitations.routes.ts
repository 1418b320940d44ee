import { route } from "@gatepost/http"
import { acceptBody, InvitationAccepted } from "./admin-invitations.schemas.js"
import type { AdminInvitations } from "./admin-invitations.service.js"

export const adminInvitationsRoutes = (invitations: AdminInvitations, policy: { minLength: number }) => [
  route({
    method: "post",
    path: "/auth/admin-invitation",
    summary: "Become the first admin, by the one-time link of whoever runs the server",
    tag: "Accounts",
    access: "public",
    limit: "single-use",
    body: acceptBody(policy.minLength),
    success: { status: 200, body: InvitationAccepted },
    problems: ["admin-invitation.invalid", "server.busy"],
    handle: ({ body, context }) => invitations.accept(body.token, body.new_password, context),
  }),
]
