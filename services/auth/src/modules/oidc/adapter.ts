import type { Limiter } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import type { AdapterFactory } from "oidc-provider"
import type { ServiceClients } from "../service-clients/index.js"
import type { SessionStore } from "../sessions/index.js"
import { artifactsAdapter } from "./artifacts.adapter.js"
import { browserSessionsAdapter } from "./browser-sessions.adapter.js"
import { deviceCodesAdapter } from "./device-codes.adapter.js"
import { grantsAdapter } from "./grants.adapter.js"
import { interactionsAdapter } from "./interactions.adapter.js"
import { refreshTokensAdapter } from "./refresh-tokens.adapter.js"
import { serviceClientsAdapter } from "./service-clients.adapter.js"

/**
 * The provider's storage: its grants are our sessions, and its refresh tokens ours, so that both doors
 * work on the same rows (DESIGN.md D4); everything else it keeps for itself.
 */
export function oidcAdapter(deps: {
  database: Database
  limiter: Limiter
  serviceClients: ServiceClients
  store: SessionStore
  audience: string
}): AdapterFactory {
  return (model) => {
    if (model === "Grant") return grantsAdapter(deps)
    if (model === "RefreshToken") return refreshTokensAdapter(deps)
    if (model === "Session") return browserSessionsAdapter(deps)
    if (model === "Interaction") return interactionsAdapter(deps)
    if (model === "Client") return serviceClientsAdapter(deps)
    if (model === "DeviceCode") return deviceCodesAdapter(deps)
    return artifactsAdapter(model, deps)
  }
}
