import { evenly, route, said } from "@gatepost/http"
import { OtpVerified, SendCodeBody, VerifyOtpBody } from "./verification-codes.schemas.js"
import type { VerificationCodesService } from "./verification-codes.service.js"

export const verificationCodesRoutes = (codes: VerificationCodesService) => [
  route({
    method: "post",
    path: "/auth/send-verification-code",
    summary: "Send a mail with a code to type in; the answer is the same for every address",
    tag: "Email verification",
    access: "public",
    limit: "send-mail",
    body: SendCodeBody,
    success: { status: 200, body: said("If the email exists, a verification code has been sent") },
    problems: [],
    handle: async ({ body, context }) => {
      await evenly(codes.send(body.email, context))
      return {}
    },
  }),
  route({
    method: "post",
    path: "/auth/verify-otp",
    summary: "Verify an email by the code of a mail; of wrong codes the fifth is the last",
    tag: "Email verification",
    access: "public",
    limit: "single-use",
    body: VerifyOtpBody,
    success: { status: 200, body: OtpVerified },
    problems: ["one-time-code.invalid"],
    handle: async ({ body, context }) => {
      await evenly(codes.verify(body.email, body.otp, context))
      return {}
    },
  }),
]
