import { type RequestContext, route, said, type UserCaller } from "@gatepost/http"
import { PasskeyOptionsView } from "../passkeys/index.js"
import { type LiveSession, type SessionsService, TokenResponse, toTokenResponse } from "../sessions/index.js"
import {
  AnswerBody,
  ChallengeBody,
  ConfirmTotpBody,
  givenFactor,
  givenProof,
  RecoveryCodes,
  SecondFactorResponse,
  SecondFactorsView,
  StepUpBody,
  TotpEnabled,
  TotpSetup,
} from "./second-factors.schemas.js"
import type { SecondFactorsService } from "./second-factors.service.js"
import type { StepUpService } from "./step-up.service.js"
import type { TotpService } from "./totp.service.js"

export interface SecondFactorRouteParts {
  factors: SecondFactorsService
  stepUp: StepUpService
  totp: TotpService
  sessions: Pick<SessionsService, "assertAllowedHere" | "assertFresh" | "assertLevel">
  bindingOf(context: RequestContext): string
}

const sessionOf = (caller: UserCaller) => caller.state as LiveSession

export const secondFactorsRoutes = (parts: SecondFactorRouteParts) => [
  ...signInRoutes(parts),
  ...stepUpRoutes(parts),
  ...ownRoutes(parts),
]

const signInRoutes = ({ factors, bindingOf }: SecondFactorRouteParts) => [
  route({
    method: "post",
    path: "/auth/login/mfa",
    summary: "Finish a sign-in that was answered with `mfa.required`",
    tag: "Second factors",
    access: "public",
    limit: "single-use",
    body: AnswerBody,
    success: { status: 200, body: SecondFactorResponse },
    problems: ["client.not-allowed-here", "mfa.challenge-invalid", "mfa.code-invalid"],
    handle: async ({ body, context }) => {
      const { challenge, remember_device: remember, device_name: deviceName } = body
      const answer = { challenge, factor: givenFactor(body), remember }
      const { tokens, mfaDeviceToken } = await factors.signIn(answer, bindingOf(context), {
        ...context,
        deviceName,
      })
      return { ...toTokenResponse(tokens), ...(mfaDeviceToken && { mfa_device_token: mfaDeviceToken }) }
    },
  }),
  route({
    method: "post",
    path: "/auth/login/mfa/passkey",
    summary: "Begin to answer a challenge with a passkey: what to hand to WebAuthn",
    tag: "Second factors",
    access: "public",
    limit: "passkey-options",
    body: ChallengeBody,
    success: { status: 200, body: PasskeyOptionsView },
    problems: ["mfa.challenge-invalid"],
    handle: async ({ body, context }) => ({
      public_key: await factors.beginPasskey(body.challenge, bindingOf(context)),
    }),
  }),
]

const stepUpRoutes = ({ stepUp, sessions }: SecondFactorRouteParts) => [
  route({
    method: "post",
    path: "/auth/step-up",
    summary: "Prove once more who you are; your session ends, and you go on with a new one",
    tag: "Second factors",
    access: { user: "account" },
    limit: "sign-in",
    body: StepUpBody,
    success: { status: 200, body: TokenResponse },
    problems: [
      "client.not-allowed-here",
      "password.current-wrong",
      "mfa.proof-invalid",
      "mfa.step-up-required",
      "server.busy",
    ],
    handle: async ({ body, caller, context }) => {
      sessions.assertAllowedHere({ ...context, clientId: caller.clientId })
      return toTokenResponse(await stepUp.stepUp(sessionOf(caller), givenProof(body), context))
    },
  }),
  route({
    method: "post",
    path: "/auth/step-up/passkey",
    summary: "Begin to prove it with a passkey: what to hand to WebAuthn",
    tag: "Second factors",
    access: { user: "account" },
    limit: "passkey-options",
    success: { status: 200, body: PasskeyOptionsView },
    problems: [],
    handle: async ({ caller }) => ({ public_key: await stepUp.beginPasskey(sessionOf(caller)) }),
  }),
]

const ownRoutes = ({ factors, totp, sessions }: SecondFactorRouteParts) => [
  route({
    method: "get",
    path: "/users/me/mfa",
    summary: "Your second factors, without their secrets",
    tag: "Second factors",
    access: { user: "account" },
    limit: "none",
    success: { status: 200, body: SecondFactorsView },
    problems: ["client.not-allowed-here"],
    handle: async ({ caller, context }) => {
      sessions.assertAllowedHere({ ...context, clientId: caller.clientId })
      const { enabledAt, isPaused, recoveryCodesLeft } = await totp.overview(caller.userId)
      return {
        totp: {
          enabled: enabledAt !== undefined,
          enabled_at: enabledAt?.toISOString() ?? null,
          paused: isPaused,
        },
        recovery_codes_left: recoveryCodesLeft,
        remembered_devices: await factors.countRemembered(caller.userId),
        acr: caller.acr ?? "aal1",
      }
    },
  }),
  route({
    method: "post",
    path: "/users/me/mfa/totp",
    summary: "Begin to set up an authenticator app; needs a fresh proof",
    tag: "Second factors",
    access: { user: "account" },
    limit: "none",
    success: { status: 200, body: TotpSetup },
    problems: ["client.not-allowed-here", "mfa.step-up-required", "account.email-unverified", "mfa.totp-on"],
    handle: async ({ caller, context }) => {
      sessions.assertAllowedHere({ ...context, clientId: caller.clientId })
      await sessions.assertFresh(caller)
      const { secret, uri, qrCode } = await totp.begin(sessionOf(caller))
      return { secret, otpauth_uri: uri, qr_code: qrCode }
    },
  }),
  route({
    method: "post",
    path: "/users/me/mfa/totp/confirm",
    summary: "Turn codes on by the first one; every session ends, and you go on with a new one",
    tag: "Second factors",
    access: { user: "account" },
    limit: "single-use",
    body: ConfirmTotpBody,
    success: { status: 200, body: TotpEnabled },
    problems: [
      "client.not-allowed-here",
      "mfa.step-up-required",
      "account.email-unverified",
      "mfa.totp-not-on",
      "mfa.proof-invalid",
    ],
    handle: async ({ body, caller, context }) => {
      sessions.assertAllowedHere({ ...context, clientId: caller.clientId })
      await sessions.assertFresh(caller)
      const { tokens, recoveryCodes } = await totp.confirm(sessionOf(caller), body.code, context)
      return { ...toTokenResponse(tokens), recovery_codes: recoveryCodes }
    },
  }),
  route({
    method: "delete",
    path: "/users/me/mfa/totp",
    summary: "Turn codes off; needs a fresh proof. Every session ends, and you go on with a new one",
    tag: "Second factors",
    access: { user: "account" },
    limit: "none",
    success: { status: 200, body: TokenResponse },
    problems: ["client.not-allowed-here", "mfa.step-up-required", "mfa.totp-not-on"],
    handle: async ({ caller, context }) => {
      sessions.assertAllowedHere({ ...context, clientId: caller.clientId })
      await sessions.assertFresh(caller)
      return toTokenResponse(await totp.disable(sessionOf(caller), context))
    },
  }),
  route({
    method: "post",
    path: "/users/me/mfa/recovery-codes",
    summary: "Make new recovery codes, and void the old ones; needs a fresh proof",
    tag: "Second factors",
    access: { user: "account" },
    limit: "none",
    success: { status: 200, body: RecoveryCodes },
    problems: ["client.not-allowed-here", "mfa.step-up-required", "mfa.totp-not-on"],
    handle: async ({ caller, context }) => {
      sessions.assertAllowedHere({ ...context, clientId: caller.clientId })
      await sessions.assertFresh(caller)
      return { recovery_codes: await totp.replaceRecoveryCodes(caller.userId, context) }
    },
  }),
  route({
    method: "delete",
    path: "/users/me/mfa/devices",
    summary: "Forget every device on which no second factor is asked for",
    tag: "Second factors",
    access: { user: "account" },
    limit: "none",
    success: { status: 200, body: said("Devices forgotten") },
    problems: ["client.not-allowed-here"],
    handle: async ({ caller, context }) => {
      sessions.assertAllowedHere({ ...context, clientId: caller.clientId })
      await factors.forgetDevices(caller.userId, context)
      return {}
    },
  }),
]
