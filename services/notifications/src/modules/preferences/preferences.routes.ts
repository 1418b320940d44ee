import { route } from "@gatepost/http"
import { ChangePreferencesBody, PreferencesView } from "./preferences.schemas.js"
import type { PreferencesService } from "./preferences.service.js"

export const preferencesRoutes = (preferences: PreferencesService) => [
  route({
    method: "get",
    path: "/notifications/preferences",
    summary: "How you want to be reached: by category and channel, when not, and when in one mail",
    tag: "Preferences",
    access: { user: "notifications:read" },
    limit: "none",
    callerLimit: "caller",
    success: { status: 200, body: PreferencesView },
    problems: [],
    handle: ({ caller }) => preferences.find(caller.userId),
  }),
  route({
    method: "patch",
    path: "/notifications/preferences",
    summary: "Change how you want to be reached",
    tag: "Preferences",
    access: { user: "account" },
    limit: "none",
    callerLimit: "caller",
    body: ChangePreferencesBody,
    success: { status: 200, body: PreferencesView },
    problems: [],
    handle: ({ body, caller }) => preferences.change(caller.userId, body),
  }),
]
