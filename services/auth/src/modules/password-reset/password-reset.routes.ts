import { evenly, Message, route } from "@gatepost/http"
import { ForgotPasswordBody, resetPasswordBody } from "./password-reset.schemas.js"
import type { PasswordResetService } from "./password-reset.service.js"

export const passwordResetRoutes = (reset: PasswordResetService, policy: { minLength: number }) => [
  route({
    method: "post",
    path: "/auth/forgot-password",
    summary: "Send a reset mail; the answer is the same for every address",
    tag: "Password reset",
    access: "public",
    limit: "send-mail",
    body: ForgotPasswordBody,
    success: { status: 200, body: Message },
    problems: [],
    handle: async ({ body, context }) => {
      await evenly(reset.request(body.email, context))
      return { message: "If the email exists, a reset link has been sent" }
    },
  }),
  route({
    method: "post",
    path: "/auth/reset-password",
    summary: "Set a new password by the token of a reset mail; ends every session",
    tag: "Password reset",
    access: "public",
    limit: "single-use",
    body: resetPasswordBody(policy.minLength),
    success: { status: 200, body: Message },
    problems: ["password.reset-token-invalid", "server.busy"],
    handle: async ({ body, context }) => {
      await reset.confirm(body.token, body.new_password, context)
      return { message: "Password reset successfully" }
    },
  }),
]
