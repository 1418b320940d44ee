import { evenly, Problem, route, said } from "@gatepost/http"
import { ForgotPasswordBody, PasswordReset, resetPasswordBody } from "./password-reset.schemas.js"
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
    success: { status: 200, body: said("If the email exists, a reset link has been sent") },
    problems: [],
    handle: async ({ body, context }) => {
      await evenly(reset.request(body.email, context))
      return {}
    },
  }),
  route({
    method: "post",
    path: "/auth/reset-password",
    summary: "Set a new password by the token or code of a mail; ends every session",
    tag: "Password reset",
    access: "public",
    limit: "single-use",
    body: resetPasswordBody(policy.minLength),
    success: { status: 200, body: PasswordReset },
    problems: [
      "password.mismatch",
      "password.reset-token-invalid",
      "password.reset-token-used",
      "password.reset-token-expired",
      "one-time-code.invalid",
      "server.busy",
    ],
    handle: async ({ body: { token, email = "", otp = "", new_password, confirm_password }, context }) => {
      if ((confirm_password ?? new_password) !== new_password) throw new Problem("password.mismatch")
      const account = await (token === undefined
        ? evenly(reset.confirmByCode(email, otp, new_password, context))
        : reset.confirm(token, new_password, context))
      return { email: account.email }
    },
  }),
]
