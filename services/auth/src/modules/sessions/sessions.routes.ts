import { Message, route } from "@gatepost/http"
import { RefreshBody, SignInBody, TokenResponse, toTokenResponse } from "./sessions.schemas.js"
import type { SessionsService } from "./sessions.service.js"

export const sessionsRoutes = (sessions: SessionsService) => [
  route({
    method: "post",
    path: "/auth/login",
    summary: "Sign in with email and password",
    tag: "Sessions",
    access: "public",
    limit: "sign-in",
    body: SignInBody,
    success: { status: 200, body: TokenResponse },
    problems: ["session.credentials-invalid", "server.busy"],
    handle: async ({ body, context }) => toTokenResponse(await sessions.signIn(body, context)),
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
    problems: ["session.refresh-invalid"],
    handle: async ({ body, context }) => toTokenResponse(await sessions.refresh(body.refresh_token, context)),
  }),
  route({
    method: "post",
    path: "/auth/logout",
    summary: "End this session: its tokens are refused from now on",
    tag: "Sessions",
    access: { user: "account" },
    limit: "none",
    success: { status: 200, body: Message },
    problems: [],
    handle: async ({ caller, context }) => {
      await sessions.signOut(caller, context)
      return { message: "Successfully logged out" }
    },
  }),
]
