import { evenly, Problem, route, said, type UserCaller } from "@gatepost/http"
import type { Account } from "../accounts/index.js"
import type { SessionsService } from "../sessions/index.js"
import { ChangeEmailBody, ConfirmEmailBody, EmailChangeLinkBody } from "./email-changes.schemas.js"
import type { EmailChangesService } from "./email-changes.service.js"

/** @param accountOf the caller's account, as it is now */
export const emailChangesRoutes = (
  changes: EmailChangesService,
  sessions: Pick<SessionsService, "assertLevel" | "assertPassword">,
  accountOf: (caller: UserCaller) => Account,
) => [
  route({
    method: "post",
    path: "/users/me/email",
    summary: "Ask for another email; it is yours once it is confirmed there",
    tag: "Accounts",
    access: { user: "account" },
    limit: "send-mail",
    body: ChangeEmailBody,
    success: {
      status: 200,
      body: said("If the address can be yours, a mail to confirm it has been sent there"),
    },
    problems: ["password.current-wrong", "mfa.step-up-required", "server.busy"],
    handle: async ({ body: { new_email, password }, caller, context }) => {
      await sessions.assertLevel(caller)
      const account = accountOf(caller)
      await sessions.assertPassword(account, password, context)
      if (new_email === account.email) {
        throw new Problem("request.invalid", {
          errors: [{ pointer: "/new_email", message: "is your address already" }],
        })
      }
      await evenly(changes.request(account.id, new_email, context))
      return {}
    },
  }),
  route({
    method: "post",
    path: "/users/me/email/confirm",
    summary: "Confirm the new email by the code of its mail",
    tag: "Accounts",
    access: { user: "account" },
    limit: "single-use",
    body: ConfirmEmailBody,
    success: { status: 200, body: said("Email changed") },
    problems: ["one-time-code.invalid"],
    handle: async ({ body, caller, context }) => {
      await changes.confirmByCode(caller.userId, body.otp, context)
      return {}
    },
  }),
  route({
    method: "post",
    path: "/auth/email-change/confirm",
    summary: "Confirm the new email by the token of its mail's link",
    tag: "Accounts",
    access: "public",
    limit: "single-use",
    body: EmailChangeLinkBody,
    success: { status: 200, body: said("Email changed") },
    problems: ["email-change.token-invalid"],
    handle: async ({ body, context }) => {
      await changes.confirmByLink(body.token, context)
      return {}
    },
  }),
  route({
    method: "post",
    path: "/auth/email-change/undo",
    summary: "Take an email change back by the token in the old address's mail; ends every session",
    tag: "Accounts",
    access: "public",
    limit: "single-use",
    body: EmailChangeLinkBody,
    success: {
      status: 200,
      body: said("Email changed back; choose a new password by the mail that was sent"),
    },
    problems: ["email-change.token-invalid"],
    handle: async ({ body, context }) => {
      await changes.undo(body.token, context)
      return {}
    },
  }),
]
