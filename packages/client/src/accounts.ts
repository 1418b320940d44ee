import type { Api } from "./api.js"
import { isTransient } from "./backoff.js"
import type { Clock } from "./clock.js"
import { ApiError, SignedOutError } from "./errors.js"
import { randomId } from "./random-id.js"
import type { SessionRecord } from "./session-record.js"
import type { SessionStore } from "./session-store.js"
import type { Call } from "./transport.js"
import type { Vault } from "./vault.js"
import { isMessage, isTokenResponse, isUser, type Message, type User } from "./wire.js"

export interface Session {
  user: User
}

export interface Credentials {
  email: string
  password: string
  /** What the list of sessions calls this device. Default: what the User-Agent tells. */
  device_name?: string
  /** Of a device that `answerMfa` had remembered. */
  mfa_device_token?: string
}

type Factor =
  | { code: string }
  | { recovery_code: string }
  /** What `navigator.credentials.get` gave, as JSON. */
  | { passkey: object }

export type MfaAnswer = Factor & { challenge: string; remember_device?: boolean; device_name?: string }

export type StepUpProof = Factor | { password: string }

export interface SignedIn extends Session {
  /** With `remember_device`: for `login`. It outlives the session, so keep it elsewhere. */
  mfaDeviceToken?: string
}

export interface Accounts {
  /** Creates an account and signs in. Once called again after a NetworkError, it finishes what it began. */
  register(body: Credentials & { name?: string }): Promise<Session>
  /** @throws ApiError `mfa.required`, whose `mfa` is for `answerMfa` */
  login(body: Credentials): Promise<Session>
  /** Finishes a sign-in by the second factor. A code is good once, so nothing is sent twice. */
  answerMfa(body: MfaAnswer): Promise<SignedIn>
  /** Proves once more who is signed in, for calls that answer `mfa.step-up-required`; the session is a new one. */
  stepUp(body: StepUpProof): Promise<Session>
  /** Signs out here at once, whatever the network says; resolves when the server was told, or could not be. */
  logout(): Promise<void>
  me(): Promise<User>
  forgotPassword(body: { email: string }): Promise<Message>
  resetPassword(body: { token: string; new_password: string }): Promise<Message>
  requestVerification(body: { email: string }): Promise<Message>
}

const post = (path: string, json?: unknown): Call => ({ method: "POST", path, json })

export function createAccounts(deps: {
  api: Api
  store: SessionStore
  clock: Clock
  /** Where this device keeps what it is known by; none: it keeps nothing. */
  device: Vault | undefined
}): Accounts {
  const { api, store, clock, device } = deps
  let unanswered: { json: string; key: string } | undefined

  return {
    async register(body) {
      const json = JSON.stringify(body)
      if (unanswered?.json !== json) unanswered = { json, key: randomId() }
      const headers = { "Idempotency-Key": unanswered.key }
      try {
        return await signIn({ ...post("/v1/auth/register", body), headers })
      } catch (error) {
        if (!isTransient(error)) unanswered = undefined
        throw error
      }
    },
    async login(body) {
      const known = device && { device_token: (await device.read()) ?? null }
      return signIn(post("/v1/auth/login", { ...known, ...body }))
    },
    async answerMfa(body) {
      const askedAt = clock.now()
      const tokens = await api.once(post("/v1/auth/login/mfa", body), isTokenResponse)
      await store.start({ tokens, askedAt })
      const { mfa_device_token: mfaDeviceToken } = tokens
      return { user: tokens.user, ...(mfaDeviceToken !== undefined && { mfaDeviceToken }) }
    },
    async stepUp(body) {
      const askedAt = clock.now()
      const tokens = await api.authorised.once(post("/v1/auth/step-up", body), isTokenResponse)
      await store.start({ tokens, askedAt })
      return { user: tokens.user }
    },
    async logout() {
      const held = store.current() ?? (await store.reload())
      if (!held) return
      await store.end(held.record.id, "logout")
      await endOnServer(held.record).catch(() => {})
    },
    async me() {
      const held = store.current() ?? (await store.reload())
      if (!held) throw new SignedOutError()
      const user = await api.authorised.repeatable({ method: "GET", path: "/v1/auth/me" }, isUser)
      store.know(held.record.id, user)
      return user
    },
    forgotPassword: (body) => api.once(post("/v1/auth/forgot-password", body), isMessage),
    resetPassword: (body) => api.once(post("/v1/auth/reset-password", body), isMessage),
    requestVerification: (body) => api.once(post("/v1/auth/verify-email", body), isMessage),
  }

  async function signIn(call: Call): Promise<Session> {
    const askedAt = clock.now()
    const tokens = await api.repeatable(call, isTokenResponse)
    unanswered = undefined
    await store.start({ tokens, askedAt })
    if (tokens.device_token) await device?.write(tokens.device_token)
    return { user: tokens.user }
  }

  /** An access token that is over can't end its session, but its refresh token gets one that can. */
  async function endOnServer(record: SessionRecord): Promise<void> {
    const end = (accessToken: string) => api.once({ ...post("/v1/auth/logout"), accessToken }, isMessage)
    try {
      await end(record.access_token)
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) throw error
      const refresh = post("/v1/auth/refresh", { refresh_token: record.refresh_token })
      await end((await api.once(refresh, isTokenResponse)).access_token)
    }
  }
}
