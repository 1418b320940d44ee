import type { AnyRoute } from "@gatepost/http"
import { inboxRoutes } from "./modules/inbox/index.js"
import { sendingRoutes } from "./modules/sending/index.js"
import { streamRoutes } from "./modules/stream/index.js"
import { templatesRoutes } from "./modules/templates/index.js"
import type { Parts } from "./wiring.js"

/** The table of contents. */
export const routes = (parts: Pick<Parts, "inbox" | "sending" | "templates">): AnyRoute[] => [
  ...inboxRoutes(parts.inbox),
  ...sendingRoutes(parts.sending),
  ...templatesRoutes(parts.templates),
  ...streamRoutes(parts.inbox),
]
