import { scopes } from "@gatepost/contracts"
import type { Database } from "@gatepost/postgres"
import type { Logger } from "@gatepost/runtime"
import Provider, { type ClientMetadata, type Configuration, errors, type JWK } from "oidc-provider"
import type { SigningKey } from "../signing-keys/index.js"
import { oidcAdapter } from "./adapter.js"

export interface ProviderOptions {
  issuer: string
  /** The resource that tokens are for when a client names none. */
  audience: string
  accessTokenTtlSeconds: number
  cookieSecret: string
  clients: ClientMetadata[]
}

export interface ProviderDeps {
  database: Database
  logger: Logger
  keys: readonly SigningKey[]
  options: ProviderOptions
}

const SECONDS = { authorizationCode: 60, interaction: 900, session: 1_209_600, grant: 7_776_000 }

/** An OpenID Provider for one key set; another set needs another provider (DESIGN.md D7). */
export function buildProvider({ database, logger, keys, options }: ProviderDeps): Provider {
  const { audience, accessTokenTtlSeconds } = options
  const resourceServer = {
    scope: Object.keys(scopes).join(" "),
    audience,
    accessTokenFormat: "jwt" as const,
    accessTokenTTL: accessTokenTtlSeconds,
    jwt: { sign: { alg: "RS256" as const } },
  }
  const configuration: Configuration = {
    adapter: oidcAdapter(database),
    clients: options.clients,
    jwks: { keys: keys.map(({ privateJwk }) => privateJwk as JWK) },
    cookies: { keys: [options.cookieSecret] },
    scopes: ["openid", "offline_access", "email", ...Object.keys(scopes)],
    // RFC 9700 section 2.1.2: the code flow only, and PKCE for every client.
    responseTypes: ["code"],
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource) => {
          if (resource !== audience) throw new errors.InvalidTarget()
          return resourceServer
        },
      },
    },
    ttl: {
      AccessToken: accessTokenTtlSeconds,
      ClientCredentials: accessTokenTtlSeconds,
      IdToken: accessTokenTtlSeconds,
      AuthorizationCode: SECONDS.authorizationCode,
      Interaction: SECONDS.interaction,
      Session: SECONDS.session,
      Grant: SECONDS.grant,
    },
  }
  const provider = new Provider(options.issuer, configuration)
  provider.proxy = true
  provider.on("server_error", (_ctx, cause) => logger.error({ err: cause }, "the OpenID Provider failed"))
  return provider
}
