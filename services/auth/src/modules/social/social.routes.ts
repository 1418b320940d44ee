import { route } from "@gatepost/http"
import type { Apps } from "../apps/index.js"
import { TokenResponse, toTokenResponse } from "../sessions/index.js"
import { ProviderList, ProviderParams, SocialSignInBody } from "./social.schemas.js"
import type { SocialService } from "./social.service.js"

export const socialRoutes = (social: SocialService, apps: Apps) => [
  route({
    method: "get",
    path: "/auth/social",
    summary: "The providers that this app's people may sign in with",
    tag: "Social sign-in",
    access: "public",
    limit: "none",
    success: { status: 200, body: ProviderList },
    problems: [],
    handle: async ({ context }) => ({ items: social.list(apps.ofRequest(context)), next_cursor: null }),
  }),
  route({
    method: "post",
    path: "/auth/social/{provider}",
    summary: "Sign in by an ID token that the app got from a provider; a new person gets an account",
    tag: "Social sign-in",
    access: "public",
    limit: "social",
    params: ProviderParams,
    body: SocialSignInBody,
    success: { status: 200, body: TokenResponse },
    problems: [
      "client.not-allowed-here",
      "social.provider-unknown",
      "social.provider-unavailable",
      "mfa.required",
      "social.sign-in-invalid",
      "social.email-unverified",
      "social.email-taken",
      "mfa.required",
    ],
    handle: async ({ params, body, context }) => {
      const { id_token, nonce, authorization_code, name } = body
      const presented = { idToken: id_token, nonce, code: authorization_code, name }
      const here = { ...context, deviceName: body.device_name, mfaDeviceToken: body.mfa_device_token }
      return toTokenResponse(await social.signIn(params.provider, presented, here))
    },
  }),
]
