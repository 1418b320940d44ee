import { route } from "@gatepost/http"
import { toUserView, User } from "../accounts/index.js"
import { TokenResponse, toTokenResponse } from "../sessions/index.js"
import { GuestBody, upgradeBody } from "./guests.schemas.js"
import type { GuestsService } from "./guests.service.js"

export const guestsRoutes = (guests: GuestsService, policy: { minLength: number }) => [
  route({
    method: "post",
    path: "/auth/guest",
    summary:
      "Begin without an address, in an app that has guests; the account can be made a full one, with the same id",
    tag: "Accounts",
    access: "public",
    limit: "register",
    body: GuestBody,
    isBodyOptional: true,
    success: { status: 201, body: TokenResponse },
    problems: ["client.not-allowed-here", "guest.not-welcome"],
    handle: async ({ body, context }) =>
      toTokenResponse(await guests.begin({ ...context, deviceName: body.device_name })),
  }),
  route({
    method: "post",
    path: "/users/me/upgrade",
    summary:
      "Give a guest's account an address and a password; its id and sessions stay, a verification mail follows",
    tag: "Accounts",
    access: { user: "account" },
    limit: "register",
    body: upgradeBody(policy.minLength),
    success: { status: 200, body: User },
    problems: ["guest.not-one", "account.email-taken", "server.busy"],
    handle: async ({ body, caller, context }) =>
      toUserView(await guests.upgrade(caller, body, { ...context, clientId: caller.clientId })),
  }),
]
