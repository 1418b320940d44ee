import { type RequestContext, route, said, type UserCaller } from "@gatepost/http"
import type { Account } from "../accounts/index.js"
import { deviceOf, type SessionsService, TokenResponse, toTokenResponse } from "../sessions/index.js"
import {
  AddPasskeyBody,
  PasskeyList,
  PasskeyOptionsView,
  PasskeyParams,
  PasskeySignInBody,
  PasskeyView,
  RenamePasskeyBody,
  toPasskeyView,
} from "./passkeys.schemas.js"
import type { PasskeysService } from "./passkeys.service.js"

export interface PasskeyRouteParts {
  passkeys: PasskeysService
  sessions: Pick<SessionsService, "assertAllowedHere" | "assertFresh" | "assertLevel">
  bindingOf(context: RequestContext): string
  accountOf(caller: UserCaller): Account
}

export const passkeysRoutes = (parts: PasskeyRouteParts) => [...signInRoutes(parts), ...ownRoutes(parts)]

const signInRoutes = ({ passkeys, bindingOf }: PasskeyRouteParts) => [
  route({
    method: "post",
    path: "/auth/login/passkey/options",
    summary: "Begin to sign in with a passkey: what to hand to WebAuthn",
    tag: "Passkeys",
    access: "public",
    limit: "passkey-options",
    success: { status: 200, body: PasskeyOptionsView },
    problems: [],
    handle: async ({ context }) => ({ public_key: await passkeys.beginSignIn(bindingOf(context)) }),
  }),
  route({
    method: "post",
    path: "/auth/login/passkey",
    summary: "Sign in with a passkey; it is both factors in one",
    tag: "Passkeys",
    access: "public",
    limit: "sign-in",
    body: PasskeySignInBody,
    success: { status: 200, body: TokenResponse },
    problems: ["client.not-allowed-here", "passkey.invalid", "mfa.required"],
    handle: async ({ body, context }) =>
      toTokenResponse(await passkeys.signIn(body.credential, { ...context, deviceName: body.device_name })),
  }),
]

const ownRoutes = ({ passkeys, sessions, accountOf }: PasskeyRouteParts) => [
  route({
    method: "get",
    path: "/users/me/passkeys",
    summary: "List your passkeys, the oldest first",
    tag: "Passkeys",
    access: { user: "account" },
    limit: "none",
    success: { status: 200, body: PasskeyList },
    problems: ["client.not-allowed-here", "mfa.step-up-required"],
    handle: async ({ caller, context }) => {
      sessions.assertAllowedHere({ ...context, clientId: caller.clientId })
      await sessions.assertLevel(caller)
      return { items: (await passkeys.list(caller.userId)).map(toPasskeyView), next_cursor: null }
    },
  }),
  route({
    method: "post",
    path: "/users/me/passkey-options",
    summary: "Begin to add a passkey: what to hand to WebAuthn; needs a fresh proof",
    tag: "Passkeys",
    access: { user: "account" },
    limit: "passkey-options",
    success: { status: 200, body: PasskeyOptionsView },
    problems: [
      "client.not-allowed-here",
      "mfa.step-up-required",
      "account.email-unverified",
      "passkey.too-many",
    ],
    handle: async ({ caller, context }) => {
      sessions.assertAllowedHere({ ...context, clientId: caller.clientId })
      await sessions.assertFresh(caller)
      return { public_key: await passkeys.beginRegistration(accountOf(caller)) }
    },
  }),
  route({
    method: "post",
    path: "/users/me/passkeys",
    summary: "Add the passkey that WebAuthn made; needs a fresh proof",
    tag: "Passkeys",
    access: { user: "account" },
    limit: "single-use",
    body: AddPasskeyBody,
    success: { status: 201, body: PasskeyView },
    problems: [
      "client.not-allowed-here",
      "mfa.step-up-required",
      "account.email-unverified",
      "passkey.registration-invalid",
      "passkey.too-many",
    ],
    handle: async ({ body, caller, context }) => {
      sessions.assertAllowedHere({ ...context, clientId: caller.clientId })
      await sessions.assertFresh(caller)
      const made = { response: body.credential, name: body.name ?? deviceOf(context.userAgent) }
      return toPasskeyView(await passkeys.register(accountOf(caller), made, context))
    },
  }),
  route({
    method: "patch",
    path: "/users/me/passkeys/{id}",
    summary: "Call one of your passkeys something else",
    tag: "Passkeys",
    access: { user: "account" },
    limit: "none",
    params: PasskeyParams,
    body: RenamePasskeyBody,
    success: { status: 200, body: PasskeyView },
    problems: ["client.not-allowed-here", "mfa.step-up-required", "passkey.not-found"],
    handle: async ({ params, body, caller, context }) => {
      sessions.assertAllowedHere({ ...context, clientId: caller.clientId })
      await sessions.assertLevel(caller)
      return toPasskeyView(await passkeys.rename(caller.userId, params.id, body.name, context))
    },
  }),
  route({
    method: "delete",
    path: "/users/me/passkeys/{id}",
    summary: "Delete one of your passkeys; needs a fresh proof",
    tag: "Passkeys",
    access: { user: "account" },
    limit: "none",
    params: PasskeyParams,
    success: { status: 200, body: said("Passkey deleted") },
    problems: ["client.not-allowed-here", "mfa.step-up-required", "passkey.not-found", "passkey.last"],
    handle: async ({ params, caller, context }) => {
      sessions.assertAllowedHere({ ...context, clientId: caller.clientId })
      await sessions.assertFresh(caller)
      await passkeys.remove(caller.userId, params.id, context)
      return {}
    },
  }),
]
