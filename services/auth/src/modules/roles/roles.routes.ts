import { route } from "@gatepost/http"
import type { SessionsService } from "../sessions/index.js"
import {
  RoleBody,
  RoleGrantList,
  RoleList,
  RoleParams,
  RoleQuery,
  toRoleGrantList,
  UserParams,
} from "./roles.schemas.js"
import type { RolesService } from "./roles.service.js"

/** Of the admin port. */
export const rolesRoutes = (roles: RolesService, sessions: Pick<SessionsService, "assertFresh">) => [
  route({
    method: "get",
    path: "/admin/roles",
    summary: "List the roles there are, of this installation and of each app",
    tag: "Roles",
    access: { userOrService: "users:read" },
    limit: "none",
    success: { status: 200, body: RoleList },
    problems: [],
    handle: async () => ({
      items: roles.list().map(({ clientId, ...role }) => ({ client_id: clientId, ...role })),
      next_cursor: null,
    }),
  }),
  route({
    method: "get",
    path: "/admin/users/{id}/roles",
    summary: "List a user's roles",
    tag: "Roles",
    access: { userOrService: "users:read" },
    limit: "none",
    params: UserParams,
    success: { status: 200, body: RoleGrantList },
    problems: ["user.not-found"],
    handle: async ({ params }) => toRoleGrantList(await roles.listOf(params.id)),
  }),
  route({
    method: "post",
    path: "/admin/users/{id}/roles",
    summary: "Give a user a role",
    tag: "Roles",
    access: { user: "roles:write" },
    limit: "none",
    params: UserParams,
    body: RoleBody,
    success: { status: 200, body: RoleGrantList },
    problems: ["role.not-allowed", "role.unknown", "mfa.step-up-required", "user.not-found"],
    handle: async ({ params, body, caller, context }) => {
      await sessions.assertFresh(caller)
      const given = { accountId: params.id, clientId: body.client_id, role: body.role }
      return toRoleGrantList(await roles.give(caller, given, context))
    },
  }),
  route({
    method: "delete",
    path: "/admin/users/{id}/roles/{role}",
    summary: "Take a role from a user, and end the sessions in which it counted",
    tag: "Roles",
    access: { user: "roles:write" },
    limit: "none",
    params: RoleParams,
    query: RoleQuery,
    success: { status: 200, body: RoleGrantList },
    problems: [
      "role.last-admin",
      "role.not-allowed",
      "role.not-given",
      "mfa.step-up-required",
      "user.not-found",
    ],
    handle: async ({ params, query, caller, context }) => {
      await sessions.assertFresh(caller)
      const taken = { accountId: params.id, clientId: query.client_id, role: params.role }
      return toRoleGrantList(await roles.take(caller, taken, context))
    },
  }),
]
