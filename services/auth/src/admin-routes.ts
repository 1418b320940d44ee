import type { AnyRoute } from "@gatepost/http"
import { adminUsersRoutes } from "./modules/admin-users/index.js"
import { rolesRoutes } from "./modules/roles/index.js"
import { serviceClientsRoutes } from "./modules/service-clients/index.js"
import { webhooksRoutes } from "./modules/webhooks/index.js"
import type { Parts } from "./wiring.js"

export type AdminRouteParts = Pick<
  Parts,
  "adminUsers" | "apps" | "roles" | "serviceClients" | "sessions" | "webhooks"
>

/** The table of contents of the admin port, where who has a second factor has to have used it. */
export const adminRoutes = (parts: AdminRouteParts): AnyRoute[] =>
  [
    ...adminUsersRoutes(parts.adminUsers, parts.apps),
    ...rolesRoutes(parts.roles, parts.sessions),
    ...serviceClientsRoutes(parts.serviceClients, parts.sessions),
    ...webhooksRoutes(parts.webhooks, parts.sessions),
  ].map((route) => ({
    ...route,
    problems: [...new Set([...route.problems, "mfa.step-up-required"] as const)],
  }))
