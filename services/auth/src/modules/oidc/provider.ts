import { languages, scopes } from "@gatepost/contracts"
import type { Limiter } from "@gatepost/http"
import { type Database, isUnavailable } from "@gatepost/postgres"
import { type Logger, systemClock } from "@gatepost/runtime"
import Provider, { type Configuration, type Grant, type JWK, type KoaContextWithOIDC } from "oidc-provider"
import { type Account, accountsRepository } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"
import type { ServiceClients } from "../service-clients/index.js"
import type { SessionStore } from "../sessions/index.js"
import type { SigningKey } from "../signing-keys/index.js"
import { oidcAdapter } from "./adapter.js"
import { assertAssertion, compareHashes } from "./client-proofs.js"
import { appClient, backendClient } from "./clients.js"
import { presentedInRequest, rotatedToken } from "./current-request.js"
import { features } from "./features.js"
import { noteForbidden } from "./forbidden.js"
import { loadExistingGrant } from "./grants.js"
import { refuseOtherHints } from "./id-token-hints.js"
import { limitRequests } from "./limits.js"
import type { OidcPages } from "./oidc-pages.js"
import { prompts } from "./prompts.js"
import { tokenClaims } from "./token-claims.js"
import { answerUnavailable, outOf } from "./unavailable.js"

export interface ProviderOptions {
  issuer: string
  /** The API of this installation as a resource (RFC 8707). */
  audience: string
  accessTokenTtlSeconds: number
  cookieSecret: string
  serviceClientSecret: string
  /** Whether clients reach us by https, so that cookies may ask for it. */
  secure: boolean
}

export interface ProviderDeps {
  database: Database
  limiter: Limiter
  logger: Logger
  apps: Apps
  serviceClients: ServiceClients
  store: SessionStore
  pages: OidcPages
  keys: readonly SigningKey[]
  options: ProviderOptions
}

// Seconds. Codes: ASVS 10.4.3; interactions: SECURITY.md section 2.
const TTL = { AuthorizationCode: 60, Interaction: 900, Session: 1_209_600, DeviceCode: 600 }

// Rows of the session store, which knows when they end: figures that the provider wants, and nothing reads.
const TTL_ELSEWHERE = { Grant: 7_776_000, RefreshToken: 7_776_000 }

/** An OpenID Provider for one key set; another set needs another provider (DESIGN.md D7). */
export function buildProvider(deps: ProviderDeps): Provider {
  const { database, limiter, logger, apps, serviceClients, store, pages, keys, options } = deps
  const { accessTokenTtlSeconds } = options
  const isOurs = (clientId: string | undefined) => apps.find(clientId ?? "")?.first_party ?? false
  const cookie = { httpOnly: true, sameSite: "lax", secure: options.secure, signed: true } as const

  const configuration: Configuration = {
    adapter: oidcAdapter({ database, limiter, serviceClients, store, audience: options.audience }),
    clients: [...apps.list().map(appClient), backendClient(options.serviceClientSecret)],
    jwks: { keys: keys.map(({ privateJwk }) => privateJwk as JWK) },
    cookies: {
      keys: [options.cookieSecret],
      long: cookie,
      short: cookie,
      names: cookieNames(options.secure),
    },
    scopes: ["openid", "offline_access", "email", "profile", ...Object.keys(scopes)],
    acrValues: ["aal1", "aal2"],
    claims: {
      openid: ["sub", "auth_time", "acr", "amr"],
      email: ["email", "email_verified"],
      profile: ["name"],
    },
    // RFC 9700 section 2.1.2: the code flow only, and PKCE for every client.
    responseTypes: ["code"],
    pkce: { required: () => true },
    clientAuthMethods: ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
    enabledJWA: { clientAuthSigningAlgValues: ["RS256", "PS256", "ES256"] },
    assertJwtClientAuthClaimsAndHeader: async (_ctx, claims) => assertAssertion(claims, options.issuer),
    allowOmittingSingleRegisteredRedirectUri: false,
    features: features({ apps, pages, audience: options.audience, accessTokenTtlSeconds }),
    findAccount: async (_ctx, sub) => toOidcAccount(await accountsRepository(database.db).findActive(sub)),
    loadExistingGrant: (ctx) => loadExistingGrant(ctx, apps, options.audience),
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client, code) =>
      client.grantTypeAllowed("refresh_token") &&
      (code.scopes.has("offline_access") || isOurs(client.clientId)),
    revokeGrantPolicy: () => true,
    // The sessions of our own apps last as at the JSON door, those of devices longer than the browser's.
    expiresWithSession: async (_ctx, source) =>
      source.kind !== "DeviceCode" && !isOurs(source.clientId) && !source.scopes.has("offline_access"),
    extraTokenClaims: (ctx, token) => tokenClaims(ctx, token, deps),
    clientBasedCORS: (_ctx, origin, client) =>
      apps.find(client.clientId)?.allowed_origins.includes(origin) ?? false,
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}`, policy: prompts(apps) },
    discovery: {
      ui_locales_supported: [...languages],
      // Ours, by way of modules/backchannel-logout: the provider's own would try once, and forget.
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
    },
    renderError: (ctx, out, error) => pages.error(ctx, outOf(out, error), error),
    ttl: {
      ...TTL,
      ...TTL_ELSEWHERE,
      // A grant ends with its session (check 63).
      AccessToken: ({ oidc }) => Math.max(1, Math.min(accessTokenTtlSeconds, secondsLeft(oidc.grant))),
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? accessTokenTtlSeconds,
      IdToken: accessTokenTtlSeconds,
    },
  }
  const provider = new Provider(options.issuer, configuration)
  provider.proxy = true
  provider.use(refuseAnonymousIntrospection)
  const events: NodeJS.EventEmitter = provider
  events.on("error", (cause: Error) => logger.error({ err: cause }, "the OpenID Provider failed"))
  provider.on("server_error", (ctx, cause) => {
    logger.error({ err: cause }, "the OpenID Provider failed")
    if (isUnavailable(cause)) answerUnavailable(ctx)
  })
  keepSuccessors(provider, store)
  compareHashes(provider, serviceClients)
  refuseOtherHints(provider)
  limitRequests(provider, { limiter, logger })
  noteForbidden(provider, { database, logger })
  return provider
}

/** RFC 7662 section 2.3: who says nothing of who they are is refused as who says it wrong. */
async function refuseAnonymousIntrospection(
  ctx: KoaContextWithOIDC,
  next: () => Promise<void>,
): Promise<void> {
  await next()
  if (ctx.oidc?.route !== "introspection" || ctx.status !== 400 || ctx.oidc.client) return
  ctx.status = 401
  ctx.set("WWW-Authenticate", 'Basic realm="gatepost"')
  ctx.body = { error: "invalid_client", error_description: "client authentication failed" }
}

/** A refresh token that replaces another is that one's successor, as at the JSON door; all others are random. */
function keepSuccessors(provider: Provider, store: SessionStore): void {
  const prototype = provider.RefreshToken.prototype as unknown as { generateTokenId(): string }
  const random = prototype.generateTokenId
  prototype.generateTokenId = function generateTokenId() {
    const parent = rotatedToken()
    const presented = parent === undefined ? undefined : presentedInRequest.get(parent)
    return parent && presented ? store.successorOf(parent, presented) : random.call(this)
  }
}

const secondsLeft = (grant: Grant | undefined): number =>
  (grant?.exp ?? Number.POSITIVE_INFINITY) - Math.floor(systemClock.now() / 1000)

/** Check 92. The prefix of the session forbids other hosts and paths; interactions have paths of their own. */
const cookieNames = (secure: boolean) => ({
  session: secure ? "__Host-session" : "_session",
  interaction: secure ? "__Secure-interaction" : "_interaction",
  resume: secure ? "__Secure-resume" : "_interaction_resume",
})

function toOidcAccount(account: Account | undefined) {
  if (!account) return undefined
  const { id, email, emailVerified, name } = account
  return {
    accountId: id,
    claims: async () => ({ sub: id, email, email_verified: emailVerified, ...(name && { name }) }),
  }
}
