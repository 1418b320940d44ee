import { Message, route, said } from "@gatepost/http"
import type { Apps } from "../apps/index.js"
import {
  EndSessionsQuery,
  RefreshBody,
  SessionList,
  SessionParams,
  SignInBody,
  TokenResponse,
  toSessionView,
  toTokenResponse,
} from "./sessions.schemas.js"
import type { SessionsService } from "./sessions.service.js"

export const sessionsRoutes = (sessions: SessionsService, apps: Apps) => [
  route({
    method: "post",
    path: "/auth/login",
    summary: "Sign in with email and password",
    tag: "Sessions",
    access: "public",
    limit: "by-the-service",
    body: SignInBody,
    success: { status: 200, body: TokenResponse },
    problems: ["client.not-allowed-here", "session.credentials-invalid", "mfa.required", "server.busy"],
    handle: async ({ body: { email, password, device_name, device_token, mfa_device_token }, context }) =>
      toTokenResponse(
        await sessions.signIn(
          { email, password },
          {
            ...context,
            deviceName: device_name,
            deviceToken: device_token,
            mfaDeviceToken: mfa_device_token,
          },
        ),
      ),
  }),
  route({
    method: "post",
    path: "/auth/refresh",
    summary: "Exchange a refresh token for fresh tokens; a retry gets the same refresh token",
    tag: "Sessions",
    access: "public",
    limit: "refresh",
    body: RefreshBody,
    success: { status: 200, body: TokenResponse },
    problems: ["client.not-allowed-here", "session.refresh-invalid"],
    handle: async ({ body, context }) => toTokenResponse(await sessions.refresh(body.refresh_token, context)),
  }),
  route({
    method: "post",
    path: "/auth/logout",
    summary: "End this session: its tokens are refused from now on",
    tag: "Sessions",
    access: { user: "account" },
    limit: "none",
    success: { status: 200, body: said("Successfully logged out") },
    problems: [],
    handle: async ({ caller, context }) => {
      await sessions.signOut(caller, context)
      return {}
    },
  }),
  route({
    method: "get",
    path: "/auth/sessions",
    summary: "List your sessions, the last used first",
    tag: "Sessions",
    access: { user: "account" },
    limit: "none",
    success: { status: 200, body: SessionList },
    problems: ["mfa.step-up-required"],
    handle: async ({ caller }) => ({
      items: (await sessions.list(caller)).map((session) => toSessionView(session, { apps, caller })),
      next_cursor: null,
    }),
  }),
  route({
    method: "delete",
    path: "/auth/sessions/{id}",
    summary: "End one of your sessions",
    tag: "Sessions",
    access: { user: "account" },
    limit: "none",
    params: SessionParams,
    success: { status: 200, body: said("Session ended") },
    problems: ["mfa.step-up-required", "session.not-found"],
    handle: async ({ params, caller, context }) => {
      await sessions.endOne(caller, params.id, context)
      return {}
    },
  }),
  route({
    method: "delete",
    path: "/auth/sessions",
    summary: "End all your sessions, or all others",
    tag: "Sessions",
    access: { user: "account" },
    limit: "none",
    query: EndSessionsQuery,
    success: { status: 200, body: Message },
    problems: ["mfa.step-up-required"],
    handle: async ({ query, caller, context }) => {
      await sessions.endMany(caller, query.which, context)
      return { message: query.which === "all" ? "All sessions ended" : "All other sessions ended" }
    },
  }),
]
