import type { IncomingHttpHeaders } from "node:http"
import { type Envelope, errorEnvelope, problemDetails, type Wording } from "./envelopes.js"
import { Problem, type ProblemCode } from "./problems/index.js"

export type Json = Record<string, unknown>

/** How a family of clients makes a canonical call: what is left out is as the canonical route has it. */
export interface DialectCall {
  /** The canonical route, such as `post /auth/login`. */
  route: string
  /** A further path of this dialect; without it, the canonical path itself answers so. */
  path?: string
  /** The body that the canonical route takes, of the one that came; may throw a problem that `problems` has. */
  input?(body: Json, headers: IncomingHttpHeaders): Json
  /** What the body and headers hold then, for the documentation. */
  takes?: readonly string[]
  /** The answer, of the canonical one and the body that came. */
  answer?(answer: Json, body: Json): Json
  problems?: Partial<Record<ProblemCode, Wording>>
}

/** What one family of clients gets: where its calls live, and how they are worded. */
export interface Dialect {
  /** In front of every canonical path. */
  prefix: "/v1" | "/api/v1" | ""
  contentType: string
  envelope: Envelope
  /** Where it differs from the canonical calls. */
  calls: readonly DialectCall[]
  /** The apps in the field, the calls each makes, and what it has beside them: `docs/contracts.md` comes of it. */
  apps: readonly { name: string; calls: readonly string[]; beside?: readonly string[] }[]
}

/** The three dialects of the same calls (DESIGN.md D12), the longest prefix first. */
export const dialects: readonly Dialect[] = [
  {
    prefix: "/api/v1",
    contentType: "application/problem+json",
    envelope: problemDetails,
    calls: [
      {
        route: "post /auth/forgot-password",
        answer: (_, { email }) => ({
          message: "If an account exists with that email, you will receive password reset instructions.",
          email,
        }),
      },
      {
        route: "post /auth/reset-password",
        input: takeBearerToken,
        takes: ["Authorization: Bearer <reset token>", "new_password", "confirm_password"],
        answer: ({ email }) => ({
          message: "Password has been reset successfully. Please login with your new password.",
          email,
        }),
        problems: {
          "token.missing": { detail: "Missing or invalid authorization header" },
          "password.mismatch": { detail: "Passwords do not match" },
          "password.reset-token-invalid": { status: 401, detail: "Invalid or expired reset token" },
          "password.reset-token-used": { status: 401, detail: "Reset token has already been used" },
          "password.reset-token-expired": {
            status: 401,
            detail: "Reset token has expired. Please request a new one.",
          },
        },
      },
    ],
    apps: [
      {
        name: "SampleMind",
        calls: [
          "post /auth/register",
          "post /auth/login",
          "post /auth/refresh",
          "post /auth/logout",
          "get /auth/me",
          "get /status",
        ],
        beside: ["GET /", "GET /health", "GET /api/docs", "GET /api/redoc"],
      },
      { name: "Movr", calls: ["post /auth/forgot-password", "post /auth/reset-password"] },
    ],
  },
  {
    prefix: "/v1",
    contentType: "application/problem+json",
    envelope: problemDetails,
    calls: [],
    apps: [
      {
        name: "JobSwipe",
        calls: [
          "post /auth/register",
          "post /auth/login",
          "post /auth/refresh",
          "post /auth/logout",
          "post /auth/verify-email",
          "get /auth/verify-email/{token}",
          "post /auth/forgot-password",
          "post /auth/reset-password",
          "post /notifications/mark-all-read",
        ],
      },
    ],
  },
  {
    prefix: "",
    contentType: "application/json",
    envelope: errorEnvelope,
    calls: [
      { route: "post /auth/register", path: "/auth/signup", answer: withAccount },
      { route: "post /auth/logout", answer: () => ({ message: "Logged out successfully" }) },
      { route: "post /auth/refresh", path: "/auth/refresh-token" },
      { route: "get /auth/me", path: "/auth/verify-token", answer: (user) => ({ valid: true, user }) },
      { route: "post /auth/verify-otp", input: takeCode },
      { route: "post /auth/reset-password", input: takeCode },
    ],
    apps: [
      {
        name: "JobPath",
        calls: ["post /auth/signup", "post /auth/login", "get /auth/me", "post /auth/logout"],
        beside: ["GET /docs", "GET /redoc", "GET /openapi.json"],
      },
      {
        name: "Introgy",
        calls: [
          "post /auth/register",
          "post /auth/login",
          "post /auth/send-verification-code",
          "post /auth/verify-otp",
          "post /auth/reset-password",
          "post /auth/refresh-token",
          "get /auth/verify-token",
          "get /users/me",
          "put /users/me",
          "get /users/lookup",
        ],
        // A resource service of its own: services/social-battery.
        beside: [
          "GET /social-battery/{user_id}",
          "POST /social-battery/{user_id}/record",
          "GET /social-battery/{user_id}/activity",
        ],
      },
    ],
  },
]

/** How a dialect makes the calls of a canonical route: at its own path, then at further ones. */
export function callsOf({ calls }: Dialect, route: { method: string; path: string }): DialectCall[] {
  const name = `${route.method} ${route.path}`
  const own = calls.filter((call) => call.route === name)
  return own.some(({ path }) => path === undefined) ? own : [{ route: name }, ...own]
}

export const dialectOf = (path: string): Dialect =>
  dialects.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`)) ?? (dialects[0] as Dialect)

const BEARER = /^Bearer ([A-Za-z0-9._~+/=-]+)$/i

/** Movr sends the reset token as a bearer's; who sends it in the body, or a code, needs no header. */
function takeBearerToken(body: Json, { authorization }: IncomingHttpHeaders): Json {
  if ("token" in body || "otp" in body) return body
  const [, token] = BEARER.exec(authorization ?? "") ?? []
  if (!token) throw new Problem("token.missing")
  return { confirm_password: "", ...body, token }
}

/** Introgy's code is called `otp`, or `code`. */
function takeCode({ code, ...body }: Json): Json {
  return code === undefined ? body : { otp: code, ...body }
}

/** JobPath reads the account at the top of the answer to its signup. */
function withAccount({ user, ...tokens }: Json): Json {
  const { id, email, created_at } = user as Json
  return { id, email, created_at, ...tokens, user }
}
