import { type AnyRoute, openApiDocument } from "@gatepost/http"
import { routes as mailAdminRoutes } from "@gatepost/mail-worker/routes"
import { openApi as socialBattery } from "@gatepost/social-battery/openapi"
import type { Pages } from "./pages.js"
import { allRoutes, authAdminRoutes, authRoutes, notificationsRoutes } from "./routes.js"

const VERSION = "0.1.0"

const DESCRIPTION = `Sign people in, keep their sessions, and send them notifications.

Paths are shown under \`/v1\`. The same calls answer under \`/api/v1\`, and without a prefix, where errors have
the form \`{"error", "detail": {"message"}, "status_code"}\`; what differs is in \`docs/contracts.md\`. Service tokens come from \`POST /oidc/token\`.`

const AUTH_ADMIN_DESCRIPTION = `Look after users, their roles, service clients and webhooks.

On the auth service's \`AUTH_ADMIN_PORT\`, which is not public. People sign in at the public API; what they may do here
comes from their roles. Service clients and API keys may do what their scopes say.`

const ADMIN_DESCRIPTION = `Look after mails: see what happened to each, send it again, and decide who gets none.

On the mail worker's \`ADMIN_PORT\`, which is not public. Tokens come from \`POST /oidc/token\`, with the scope
\`mail:admin\`.`

/** One document per service, and one of the two public ones together: what `/openapi.json` serves. */
export function openApiPages(): Pages {
  return {
    "services/auth/openapi.json": document("Gatepost auth", authRoutes()),
    "services/auth/admin/openapi.json": document("Gatepost admin", authAdminRoutes(), AUTH_ADMIN_DESCRIPTION),
    "services/notifications/openapi.json": document("Gatepost notifications", notificationsRoutes()),
    "services/social-battery/openapi.json": printed(socialBattery),
    "services/mail-worker/openapi.json": document(
      "Gatepost mail",
      mailAdminRoutes({} as Parameters<typeof mailAdminRoutes>[0]),
      ADMIN_DESCRIPTION,
    ),
    "packages/contracts/openapi.json": document("Gatepost", allRoutes()),
  }
}

function document(title: string, routes: AnyRoute[], description = DESCRIPTION): string {
  const info = { title, version: VERSION, description }
  return printed(openApiDocument(info, routes))
}

const printed = (document: object) => `${JSON.stringify(document, null, 2)}\n`
