import { route } from "@gatepost/http"
import { TokenResponse } from "../sessions/index.js"
import { registerBody } from "./registration.schemas.js"
import type { RegistrationService } from "./registration.service.js"

export const registrationRoutes = (registration: RegistrationService, policy: { minLength: number }) => [
  route({
    method: "post",
    path: "/auth/register",
    summary: "Create an account and sign in; a verification mail follows",
    tag: "Accounts",
    access: "public",
    limit: "register",
    body: registerBody(policy.minLength),
    success: { status: 201, body: TokenResponse },
    problems: ["client.not-allowed-here", "account.email-taken", "server.busy"],
    idempotent: true,
    handle: ({ body, context }) => registration.register(body, { ...context, deviceName: body.device_name }),
  }),
]
