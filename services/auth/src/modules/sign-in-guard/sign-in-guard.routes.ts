import { route, said } from "@gatepost/http"
import { z } from "zod"
import type { SignInGuard } from "./sign-in-guard.service.js"

const ApprovalBody = z.object({ token: z.string().max(200) }).meta({ id: "ApproveSignIn" })

export const signInGuardRoutes = (guard: SignInGuard) => [
  route({
    method: "post",
    path: "/auth/sign-in-approval",
    summary: "Let in who tried to sign in from elsewhere, by the token of the mail's link",
    tag: "Sessions",
    access: "public",
    limit: "single-use",
    body: ApprovalBody,
    success: { status: 200, body: said("You can sign in there now") },
    problems: ["sign-in-approval.token-invalid"],
    handle: async ({ body, context }) => {
      await guard.approve(body.token, context)
      return {}
    },
  }),
]
