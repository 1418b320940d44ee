import { routes as authRoutes, type RouteParts } from "@gatepost/auth/routes"
import { type AnyRoute, openApiDocument } from "@gatepost/http"
import { routes as mailAdminRoutes } from "@gatepost/mail-worker/routes"
import { routes as notificationsRoutes } from "@gatepost/notifications/routes"
import { openApi as socialBattery } from "@gatepost/social-battery/openapi"
import type { Pages } from "./pages.js"

const VERSION = "0.1.0"

const DESCRIPTION = `Sign people in, keep their sessions, and send them notifications.

Paths are shown under \`/v1\`. The same calls answer under \`/api/v1\`, and without a prefix, where errors have
the form \`{"error", "detail": {"message"}, "status_code"}\`. Service tokens come from \`POST /oidc/token\`.`

const ADMIN_DESCRIPTION = `Look after mails: see what happened to each, send it again, and decide who gets none.

On the mail worker's \`ADMIN_PORT\`, which is not public. Tokens come from \`POST /oidc/token\`, with the scope
\`mail:admin\`.`

/** One document per service, and one of the two public ones together: what `/openapi.json` serves. */
export function openApiPages(): Pages {
  // Handlers are not called here, so the routes need nothing to work with.
  const auth = authRoutes({} as RouteParts, { minLength: 8 })
  const notifications = notificationsRoutes({} as Parameters<typeof notificationsRoutes>[0])
  return {
    "services/auth/openapi.json": document("Gatepost auth", auth),
    "services/notifications/openapi.json": document("Gatepost notifications", notifications),
    "services/social-battery/openapi.json": printed(socialBattery),
    "services/mail-worker/openapi.json": document(
      "Gatepost mail",
      mailAdminRoutes({} as Parameters<typeof mailAdminRoutes>[0]),
      ADMIN_DESCRIPTION,
    ),
    "packages/contracts/openapi.json": document("Gatepost", [...auth, ...notifications]),
  }
}

function document(title: string, routes: AnyRoute[], description = DESCRIPTION): string {
  const info = { title, version: VERSION, description }
  return printed(openApiDocument(info, routes))
}

const printed = (document: object) => `${JSON.stringify(document, null, 2)}\n`
