import type { Scope } from "@gatepost/contracts"
import { ConfigError } from "@gatepost/runtime"
import type Provider from "oidc-provider"
import { type ClientMetadata, errors } from "oidc-provider"
import type { App, Apps } from "../apps/index.js"
import type { ServiceClientRecord } from "../service-clients/index.js"

const BACKEND_SCOPES: readonly Scope[] = [
  "notifications:write",
  "revocations:read",
  "mail:admin",
  "api-keys:verify",
  "audit:read",
]
const APP_SCOPES = ["openid", "offline_access", "email", "profile", "account", "notifications:read"]
const CODE_GRANT = "authorization_code"

export const BACKEND = "backend"

/** The service client of this installation: another backend, signing in for itself (RFC 6749 section 4.4). */
export const backendClient = (clientSecret: string): ClientMetadata => ({
  client_id: BACKEND,
  client_name: "Backend",
  client_secret: clientSecret,
  token_endpoint_auth_method: "client_secret_basic",
  grant_types: ["client_credentials"],
  response_types: [],
  redirect_uris: [],
  scope: BACKEND_SCOPES.join(" "),
})

/** A service client of the database. Its secrets are hashes there: this one is never compared. */
export const serviceClient = ({
  clientId,
  clientName,
  scopes,
  authMethod,
  jwks,
}: ServiceClientRecord): ClientMetadata => ({
  client_id: clientId,
  client_name: clientName,
  ...(jwks ? { jwks: jwks as NonNullable<ClientMetadata["jwks"]> } : { client_secret: HASHED }),
  token_endpoint_auth_method: authMethod,
  grant_types: ["client_credentials"],
  response_types: [],
  redirect_uris: [],
  scope: scopes.join(" "),
})

/** In the place of a secret that is stored as a hash. */
export const HASHED = "stored as a hash"

/** An app is an OAuth client (DESIGN.md D11). */
export const appClient = (app: App): ClientMetadata => ({
  client_id: app.client_id,
  client_name: app.client_name,
  application_type: app.application_type,
  grant_types: app.grant_types,
  response_types: app.grant_types.includes(CODE_GRANT) && app.redirect_uris.length > 0 ? ["code"] : [],
  redirect_uris: app.redirect_uris,
  post_logout_redirect_uris: app.post_logout_redirect_uris,
  token_endpoint_auth_method: app.token_endpoint_auth_method,
  ...(app.client_secret && { client_secret: app.client_secret }),
  dpop_bound_access_tokens: app.dpop_bound_access_tokens,
  require_pushed_authorization_requests: app.require_pushed_authorization_requests,
  scope: APP_SCOPES.join(" "),
})

/**
 * The provider looks at a client when it first meets it; this makes that the start.
 *
 * @throws ConfigError saying of each app what it can't be registered with
 */
export async function assertClients(provider: Provider, apps: Apps): Promise<void> {
  const faults: string[] = []
  for (const { client_id } of apps.list()) {
    try {
      await provider.Client.find(client_id)
    } catch (error) {
      if (!(error instanceof errors.InvalidClientMetadata)) throw error
      faults.push(`${client_id}: ${error.error_description}`)
    }
  }
  if (faults.length > 0) throw new ConfigError(`APPS_FILE can't be used: ${faults.join("; ")}`)
}
