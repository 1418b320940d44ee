import { route } from "@gatepost/http"
import { ActivityList, ActivityQuery, AuditList, AuditQuery } from "./audit.schemas.js"
import type { AuditService } from "./audit.service.js"

export const auditRoutes = (audit: AuditService) => [
  route({
    method: "get",
    path: "/auth/activity",
    summary: "What happened to your account, the newest first",
    tag: "Accounts",
    access: { user: "account" },
    limit: "none",
    query: ActivityQuery,
    success: { status: 200, body: ActivityList },
    problems: [],
    handle: async ({ query, caller }) => audit.listOwn(caller, query),
  }),
  route({
    method: "get",
    path: "/audit-events",
    summary: "Search what happened to all users and sessions, the newest first",
    tag: "Audit",
    access: { service: "audit:read" },
    limit: "none",
    query: AuditQuery,
    success: { status: 200, body: AuditList },
    problems: [],
    handle: async ({ query: { limit, cursor, account_id, session_id, ...search } }) =>
      audit.search({ ...search, accountId: account_id, sessionId: session_id }, { limit, cursor }),
  }),
]
