import { evenly, route } from "@gatepost/http"
import { admitted, type SessionsService, TokenResponse, toTokenResponse } from "../sessions/index.js"
import { AskForLinkBody, ConfirmLinkBody, LinkAsked, toMailProof } from "./sign-in-links.schemas.js"
import type { SignInLinksService } from "./sign-in-links.service.js"

export const signInLinksRoutes = (links: SignInLinksService, sessions: SessionsService) => [
  route({
    method: "post",
    path: "/auth/sign-in-link",
    summary: "Send a mail with a link and a code to sign in; the answer is the same for every address",
    tag: "Sessions",
    access: "public",
    limit: "send-mail",
    body: AskForLinkBody,
    success: { status: 200, body: LinkAsked },
    problems: ["client.not-allowed-here"],
    handle: async ({ body, context }) => {
      sessions.assertAllowedHere(context)
      return { request_token: await evenly(links.request(body.email, context)) }
    },
  }),
  route({
    method: "post",
    path: "/auth/sign-in-link/confirm",
    summary:
      "Sign in by the link or code of a mail, on the device that asked; of wrong codes the fifth is the last",
    tag: "Sessions",
    access: "public",
    limit: "single-use",
    body: ConfirmLinkBody,
    success: { status: 200, body: TokenResponse },
    problems: ["client.not-allowed-here", "sign-in-link.invalid", "mfa.required"],
    handle: async ({ body, context }) => {
      sessions.assertAllowedHere(context)
      const here = { ...context, deviceName: body.device_name, mfaDeviceToken: body.mfa_device_token }
      const admission = await evenly(
        links.whileProved(body.request_token, toMailProof(body), here, (trx, account) =>
          sessions.admit(trx, account, ["otp"], here),
        ),
      )
      return toTokenResponse(admitted(admission))
    },
  }),
]
