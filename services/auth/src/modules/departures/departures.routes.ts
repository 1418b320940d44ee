import { route, said, type UserCaller } from "@gatepost/http"
import type { Account } from "../accounts/index.js"
import { Export, KeepBody, LeaveBody, Left } from "./departures.schemas.js"
import type { DeparturesService } from "./departures.service.js"
import type { ExportsService } from "./exports.service.js"

/** @param accountOf the caller's account, as it is now */
export const departuresRoutes = (
  departures: DeparturesService,
  exports: ExportsService,
  accountOf: (caller: UserCaller) => Account,
) => [
  route({
    method: "delete",
    path: "/users/me",
    summary: "Delete your account and all that belongs to it; every session ends now",
    tag: "Accounts",
    access: { user: "account" },
    limit: "sign-in",
    body: LeaveBody,
    isBodyOptional: true,
    success: { status: 202, body: Left },
    problems: [
      "account-deletion.proof-needed",
      "mfa.step-up-required",
      "password.current-wrong",
      "role.last-admin",
      "server.busy",
    ],
    handle: async ({ body, caller, context }) => {
      const deletesAt = await departures.leave(caller, body.password, context)
      const message = deletesAt ? "Your account will be deleted" : "Your account was deleted"
      return { message, deletes_at: deletesAt?.toISOString() ?? null }
    },
  }),
  route({
    method: "post",
    path: "/auth/account-deletion/withdraw",
    summary: "Keep an account that is about to be deleted, by the token of the mail's link",
    tag: "Accounts",
    access: "public",
    limit: "single-use",
    body: KeepBody,
    success: { status: 200, body: said("Your account stays; sign in again") },
    problems: ["account-deletion.token-invalid"],
    handle: async ({ body, context }) => {
      await departures.keep(body.token, context)
      return {}
    },
  }),
  route({
    method: "get",
    path: "/users/me/export",
    summary: "All that is kept of you here, as one JSON file",
    tag: "Accounts",
    access: { user: "account" },
    limit: "lookup",
    success: { status: 200, body: Export },
    problems: ["mfa.step-up-required"],
    handle: async ({ caller, context }) => exports.exportOf(accountOf(caller), caller, context),
  }),
]
