import type { AnyRoute } from "@gatepost/http"
import { devicesRoutes } from "./modules/devices/index.js"
import { factsRoutes } from "./modules/facts/index.js"
import { inboxRoutes } from "./modules/inbox/index.js"
import { preferencesRoutes } from "./modules/preferences/index.js"
import { sendingRoutes } from "./modules/sending/index.js"
import { streamRoutes } from "./modules/stream/index.js"
import { templatesRoutes } from "./modules/templates/index.js"
import type { Parts } from "./wiring.js"

/** The table of contents. */
export const routes = (
  parts: Pick<Parts, "inbox" | "sending" | "templates" | "preferences" | "devices" | "webPushKey" | "facts">,
): AnyRoute[] => [
  ...inboxRoutes(parts.inbox),
  ...sendingRoutes(parts.sending),
  ...templatesRoutes(parts.templates),
  ...preferencesRoutes(parts.preferences),
  ...devicesRoutes(parts.devices, parts.webPushKey),
  ...factsRoutes(parts.facts),
  ...streamRoutes(parts.inbox),
]
