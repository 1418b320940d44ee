import type { Scope } from "@gatepost/contracts"
import type { ClientMetadata } from "oidc-provider"

const BACKEND_SCOPES: readonly Scope[] = ["notifications:write", "revocations:read"]

/** The service client of this installation: another backend, signing in for itself (RFC 6749 section 4.4). */
export const backendClient = (clientSecret: string): ClientMetadata => ({
  client_id: "backend",
  client_name: "Backend",
  client_secret: clientSecret,
  token_endpoint_auth_method: "client_secret_basic",
  grant_types: ["client_credentials"],
  response_types: [],
  redirect_uris: [],
  scope: BACKEND_SCOPES.join(" "),
})
