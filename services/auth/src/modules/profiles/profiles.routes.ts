import { Problem, route, type UserCaller } from "@gatepost/http"
import { type Account, isGuest } from "../accounts/index.js"
import { FoundUser, LookupQuery, Profile, ProfileBody, toProfileView } from "./profiles.schemas.js"
import type { ProfilesService } from "./profiles.service.js"

/** @param accountOf the caller's account, as it is now */
export const profilesRoutes = (profiles: ProfilesService, accountOf: (caller: UserCaller) => Account) => [
  route({
    method: "get",
    path: "/users/me",
    summary: "Your profile",
    tag: "Accounts",
    access: { user: "account" },
    limit: "none",
    success: { status: 200, body: Profile },
    problems: [],
    handle: async ({ caller }) => toProfileView(await profiles.read(accountOf(caller), caller.clientId)),
  }),
  ...(["put", "patch"] as const).map((method) =>
    route({
      method,
      path: "/users/me",
      summary: "Change your profile: the members that are sent; null takes one away",
      tag: "Accounts",
      access: { user: "account" },
      limit: "none",
      body: ProfileBody,
      success: { status: 200, body: Profile },
      problems: [],
      handle: async ({ body, caller, context }) =>
        toProfileView(await profiles.change(accountOf(caller), caller.clientId, body, context)),
    }),
  ),
  route({
    method: "get",
    path: "/users/lookup",
    summary: "Find somebody by email",
    tag: "Accounts",
    access: { user: "account" },
    limit: "lookup",
    query: LookupQuery,
    success: { status: 200, body: FoundUser },
    problems: ["user.not-found"],
    handle: async ({ query, caller }) => {
      // Guests, who cost nothing to make, could ask for everybody.
      if (isGuest(accountOf(caller))) throw new Problem("user.not-found")
      const { id, email, name } = await profiles.findByEmail(query.email)
      return { id, email, name: name ?? null }
    },
  }),
]
