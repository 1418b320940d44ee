import { route, type UserCaller } from "@gatepost/http"
import { toUserView, User } from "./accounts.schemas.js"
import type { Account } from "./accounts.types.js"

/** @param accountOf the caller's account, as it is now */
export const accountsRoutes = (accountOf: (caller: UserCaller) => Account) => [
  route({
    method: "get",
    path: "/auth/me",
    summary: "Who am I",
    tag: "Accounts",
    access: { user: "account" },
    limit: "none",
    success: { status: 200, body: User },
    problems: [],
    handle: async ({ caller }) => toUserView(accountOf(caller)),
  }),
]
