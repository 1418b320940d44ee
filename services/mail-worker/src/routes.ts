import type { AnyRoute } from "@gatepost/http"
import type { PostOffice } from "@gatepost/mail-queue"
import { mailsRoutes } from "./modules/mails/index.js"
import { suppressionsRoutes } from "./modules/suppressions/index.js"

/** The admin API's table of contents. */
export const routes = (office: PostOffice): AnyRoute[] => [
  ...mailsRoutes(office),
  ...suppressionsRoutes(office),
]
