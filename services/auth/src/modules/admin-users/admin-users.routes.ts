import { Message, Problem, route, said } from "@gatepost/http"
import type { Apps } from "../apps/index.js"
import { SessionList, toSessionView } from "../sessions/index.js"
import {
  AdminUser,
  AdminUserList,
  SearchQuery,
  SuspendBody,
  toAdminUserView,
  UserParams,
  UserSessionParams,
} from "./admin-users.schemas.js"
import type { AdminUsersService } from "./admin-users.service.js"

const READ = { userOrService: "users:read" } as const
const WRITE = { userOrService: "users:write" } as const
const REFUSALS = ["role.not-allowed", "user.not-found"] as const

/** Of the admin port. */
export const adminUsersRoutes = (users: AdminUsersService, apps: Apps) => [
  route({
    method: "get",
    path: "/admin/users",
    summary: "Find users, by address",
    tag: "Users",
    access: READ,
    limit: "none",
    query: SearchQuery,
    success: { status: 200, body: AdminUserList },
    problems: [],
    handle: async ({ query: { q: search, status, role, client_id: clientId, cursor, limit } }) => {
      const page = await users.search({
        search,
        status,
        role: role === undefined ? undefined : { clientId, role },
        after: cursor === undefined ? undefined : placeOf(cursor),
        limit: Number(limit),
      })
      return { items: page.users.map(toAdminUserView), next_cursor: page.next ? cursorOf(page.next) : null }
    },
  }),
  route({
    method: "get",
    path: "/admin/users/{id}",
    summary: "See a user",
    tag: "Users",
    access: READ,
    limit: "none",
    params: UserParams,
    success: { status: 200, body: AdminUser },
    problems: ["user.not-found"],
    handle: async ({ params }) => toAdminUserView(await users.find(params.id)),
  }),
  route({
    method: "post",
    path: "/admin/users/{id}/suspend",
    summary: "Suspend a user: all their sessions end, and nobody gets in",
    tag: "Users",
    access: WRITE,
    limit: "none",
    params: UserParams,
    body: SuspendBody,
    success: { status: 200, body: AdminUser },
    problems: [...REFUSALS, "role.last-admin"],
    handle: async ({ params, body, caller, context }) =>
      toAdminUserView(await users.suspend(caller, params.id, body.reason, context)),
  }),
  route({
    method: "post",
    path: "/admin/users/{id}/unsuspend",
    summary: "Let a suspended user sign in again",
    tag: "Users",
    access: WRITE,
    limit: "none",
    params: UserParams,
    success: { status: 200, body: AdminUser },
    problems: REFUSALS,
    handle: async ({ params, caller, context }) =>
      toAdminUserView(await users.unsuspend(caller, params.id, context)),
  }),
  route({
    method: "post",
    path: "/admin/users/{id}/password-reset",
    summary: "Send a user a password reset mail, as if they had asked for it",
    tag: "Users",
    access: WRITE,
    limit: "none",
    params: UserParams,
    success: { status: 200, body: said("A reset mail is on its way, unless one was sent just now") },
    problems: REFUSALS,
    handle: async ({ params, caller, context }) => {
      await users.startReset(caller, params.id, context)
      return {}
    },
  }),
  route({
    method: "get",
    path: "/admin/users/{id}/sessions",
    summary: "List a user's sessions, the last used first",
    tag: "Users",
    access: READ,
    limit: "none",
    params: UserParams,
    success: { status: 200, body: SessionList },
    problems: ["user.not-found"],
    handle: async ({ params }) => ({
      items: (await users.listSessions(params.id)).map((session) => toSessionView(session, { apps })),
      next_cursor: null,
    }),
  }),
  route({
    method: "delete",
    path: "/admin/users/{id}/sessions/{session_id}",
    summary: "End one of a user's sessions",
    tag: "Users",
    access: WRITE,
    limit: "none",
    params: UserSessionParams,
    success: { status: 200, body: Message },
    problems: [...REFUSALS, "session.not-found"],
    handle: async ({ params, caller, context }) => {
      await users.endSession(caller, params.id, params.session_id, context)
      return { message: "Session ended" }
    },
  }),
  route({
    method: "delete",
    path: "/admin/users/{id}/sessions",
    summary: "End all of a user's sessions",
    tag: "Users",
    access: WRITE,
    limit: "none",
    params: UserParams,
    success: { status: 200, body: Message },
    problems: REFUSALS,
    handle: async ({ params, caller, context }) => {
      await users.endSessions(caller, params.id, context)
      return { message: "All sessions ended" }
    },
  }),
]

const cursorOf = (place: string): string => Buffer.from(place).toString("base64url")

/** @throws Problem `request.invalid` for a text that no page ended with */
function placeOf(cursor: string): string {
  const place = Buffer.from(cursor, "base64url").toString()
  if (/^[!-~]{3,254}$/.test(place)) return place
  throw new Problem("request.invalid", {
    errors: [{ pointer: "query/cursor", message: "must be a `next_cursor`" }],
  })
}
