import type { AnyRoute } from "@gatepost/http"
import { inboxRoutes } from "./modules/inbox/index.js"
import type { Parts } from "./wiring.js"

/** The table of contents. */
export const routes = ({ inbox }: Pick<Parts, "inbox">): AnyRoute[] => [...inboxRoutes(inbox)]
