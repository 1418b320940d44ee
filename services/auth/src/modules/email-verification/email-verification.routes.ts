import { evenly, route, said } from "@gatepost/http"
import { ConfirmVerificationParams, RequestVerificationBody } from "./email-verification.schemas.js"
import type { EmailVerificationService } from "./email-verification.service.js"

export const emailVerificationRoutes = (verification: EmailVerificationService) => [
  route({
    method: "post",
    path: "/auth/verify-email",
    summary: "Send a new verification mail",
    tag: "Email verification",
    access: "public",
    limit: "send-mail",
    body: RequestVerificationBody,
    success: { status: 200, body: said("If the email exists, a verification link has been sent") },
    problems: [],
    handle: async ({ body, context }) => {
      await evenly(verification.request(body.email, context))
      return {}
    },
  }),
  route({
    method: "get",
    path: "/auth/verify-email/{token}",
    summary: "Verify an email by the link's token; a browser gets a page instead",
    tag: "Email verification",
    access: "public",
    limit: "single-use",
    params: ConfirmVerificationParams,
    success: { status: 200, body: said("Email verified successfully") },
    problems: ["email-verification.token-invalid"],
    handle: async ({ params, context }) => {
      await verification.confirm(params.token, context)
      return {}
    },
  }),
]
