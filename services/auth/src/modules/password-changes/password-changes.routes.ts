import { route, type UserCaller } from "@gatepost/http"
import type { Account } from "../accounts/index.js"
import { type LiveSession, type SessionsService, TokenResponse, toTokenResponse } from "../sessions/index.js"
import { changePasswordBody } from "./password-changes.schemas.js"
import type { PasswordChangesService } from "./password-changes.service.js"

/** @param accountOf the caller's account, as it is now */
export const passwordChangesRoutes = (
  passwords: PasswordChangesService,
  policy: { minLength: number },
  sessions: Pick<SessionsService, "assertLevel">,
  accountOf: (caller: UserCaller) => Account,
) => [
  route({
    method: "post",
    path: "/users/me/password",
    summary: "Change your password; every session ends, and you go on with a new one",
    tag: "Accounts",
    access: { user: "account" },
    limit: "sign-in",
    body: changePasswordBody(policy.minLength),
    success: { status: 200, body: TokenResponse },
    problems: ["client.not-allowed-here", "password.current-wrong", "mfa.step-up-required", "server.busy"],
    handle: async ({ body, caller, context }) => {
      await sessions.assertLevel(caller)
      const signIn = caller.state as LiveSession
      const change = { current: body.current_password, next: body.new_password, signIn }
      // The new session is the app's whose session asks, whatever it calls itself.
      const own = { ...context, clientId: caller.clientId }
      return toTokenResponse(await passwords.change(accountOf(caller), change, own))
    },
  }),
]
