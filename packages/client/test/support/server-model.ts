import { createHmac, randomUUID } from "node:crypto"

const ACCESS_MS = 1_800_000
const REFRESH_MS = 7 * 86_400_000
const RETRY_WINDOW_MS = 60_000

interface ModelSession {
  id: string
  isAlive: boolean
  user: ReturnType<typeof newUser>
}

interface RefreshToken {
  session: ModelSession
  parent: RefreshToken | undefined
  expiresAt: number
  consumedAt?: number
  isSuccessorUsed?: boolean
}

export interface ModelRequest {
  method: string
  path: string
  bearer: string | undefined
  idempotencyKey: string | undefined
  json: Record<string, string>
}

export interface ModelAnswer {
  status: number
  body: Record<string, unknown>
}

export type ServerModel = ReturnType<typeof createServerModel>

/**
 * The server's rules for sessions (DESIGN.md D4), in memory. `wallClock` is what it writes into `exp`, which
 * need not be what a device takes for the time.
 */
export function createServerModel(now: () => number, wallClock: () => number = now) {
  const refreshTokens = new Map<string, RefreshToken>()
  const accessTokens = new Map<string, { session: ModelSession; expiresAt: number }>()
  const answers = new Map<string, ModelAnswer>()
  const model = { refreshes: 0, thefts: 0, registrations: 0, mails: 0, handle, isAlive, successorOf }
  return model

  /** Whether the session that this refresh token belongs to stands. */
  function isAlive(refreshToken: string): boolean {
    return refreshTokens.get(refreshToken)?.session.isAlive ?? false
  }

  function handle(request: ModelRequest): ModelAnswer {
    const { path, json, idempotencyKey: key } = request
    if (path === "/v1/auth/refresh") return refresh(json.refresh_token ?? "")
    if (path === "/v1/auth/login") return { status: 200, body: issue(startSession(json.email ?? "")) }
    if (path === "/v1/auth/register") {
      const answer = (key && answers.get(key)) || register(json.email ?? "")
      if (key) answers.set(key, answer)
      return answer
    }
    if (path === "/v1/auth/forgot-password") {
      model.mails++
      return { status: 200, body: { message: "If the email exists, a reset link has been sent" } }
    }
    return guarded(request)
  }

  function guarded({ path, bearer }: ModelRequest): ModelAnswer {
    const token = accessTokens.get(bearer ?? "")
    if (!token?.session.isAlive || now() >= token.expiresAt) return problem(401, "token.invalid")
    if (path === "/v1/auth/logout") token.session.isAlive = false
    if (path === "/v1/auth/me") return { status: 200, body: token.session.user }
    return { status: 200, body: { message: "Done", items: [], next_cursor: null } }
  }

  function register(email: string): ModelAnswer {
    model.registrations++
    return { status: 201, body: issue(startSession(email)) }
  }

  function startSession(email: string): string {
    const session = { id: randomUUID(), isAlive: true, user: newUser(email) }
    const refreshToken = createHmac("sha256", session.id).update("first").digest("base64url")
    refreshTokens.set(refreshToken, { session, parent: undefined, expiresAt: now() + REFRESH_MS })
    return refreshToken
  }

  function successorOf(refreshToken: string): string {
    const salt = refreshTokens.get(refreshToken)?.session.id ?? ""
    return createHmac("sha256", salt).update(refreshToken).digest("base64url")
  }

  function refresh(presented: string): ModelAnswer {
    model.refreshes++
    const token = refreshTokens.get(presented)
    if (!token?.session.isAlive || now() >= token.expiresAt) return problem(401, "session.refresh-invalid")
    const { consumedAt = now(), isSuccessorUsed } = token
    if (isSuccessorUsed || now() - consumedAt > RETRY_WINDOW_MS) {
      model.thefts++
      token.session.isAlive = false
      return problem(401, "session.refresh-invalid")
    }
    token.consumedAt = consumedAt
    if (token.parent) token.parent.isSuccessorUsed = true
    const successor = successorOf(presented)
    if (!refreshTokens.has(successor)) {
      const { session } = token
      refreshTokens.set(successor, { session, parent: token, expiresAt: now() + REFRESH_MS })
    }
    return { status: 200, body: issue(successor) }
  }

  function issue(refreshToken: string): Record<string, unknown> {
    const session = refreshTokens.get(refreshToken)?.session as ModelSession
    const exp = Math.floor((wallClock() + ACCESS_MS) / 1000)
    const claims = Buffer.from(JSON.stringify({ exp, jti: randomUUID() })).toString("base64url")
    const access_token = `e30.${claims}.c2ln`
    accessTokens.set(access_token, { session, expiresAt: now() + ACCESS_MS })
    return {
      access_token,
      refresh_token: refreshToken,
      token_type: "bearer",
      expires_in: ACCESS_MS / 1000,
      user: session.user,
    }
  }
}

export const problem = (status: number, code: string): ModelAnswer => ({
  status,
  body: { type: `https://id.example.com/problems#${code}`, title: "No", status, code, detail: "No." },
})

const newUser = (email: string) => ({
  id: randomUUID(),
  email,
  is_active: true,
  email_verified: false,
  created_at: "2026-01-01T00:00:00Z",
})
