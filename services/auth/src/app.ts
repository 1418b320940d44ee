import { authenticator, createApp, errorHandler, mountRoutes, notFound } from "@gatepost/http"
import { isUnavailable } from "@gatepost/postgres"
import { bearerToken } from "@gatepost/token-verifier"
import type { Express, Request } from "express"
import { docs } from "./docs/docs.js"
import { knownHosts } from "./known-hosts.js"
import { noteForbidden } from "./modules/audit/index.js"
import { openOidc } from "./modules/oidc/index.js"
import { associationFiles } from "./modules/passkeys/index.js"
import { REVOCATION_STREAM_PATHS, revocationStream } from "./modules/revocations/index.js"
import { jwksDocument } from "./modules/signing-keys/index.js"
import { oidcPages } from "./pages/oidc.pages.js"
import { pages } from "./pages/pages.js"
import { routes } from "./routes.js"
import { stateChecked } from "./state-checked.js"
import type { Parts } from "./wiring.js"

// SECURITY.md section 2.
const BODY_LIMIT_BYTES = 16 * 1024

/**
 * The auth service's HTTP side, in the order in which a request meets it.
 *
 * @throws ConfigError when an app can't be an OAuth client
 */
export async function createAuthApp(parts: Parts): Promise<Express> {
  const { config, logger, apps, keys, verifier } = parts
  const policy = { minLength: config.PASSWORD_MIN_LENGTH }
  const origins = config.CORS_ORIGINS ?? [...new Set(apps.list().flatMap((app) => app.allowed_origins))]

  // 1. What every service has: request id, log, framing, headers, probes, CORS.
  const app = createApp({
    ...parts,
    trustedProxyHops: config.TRUSTED_PROXY_HOPS,
    cors: { origins, credentials: config.CORS_CREDENTIALS },
    spares: isWayIn,
  })
  // 2. The keys, for verifiers that reach this service by an inner name; then only hosts of ours (D11).
  app.get("/.well-known/jwks.json", jwksDocument(keys))
  app.use(knownHosts(apps))
  app.use(associationFiles(apps))
  // 3. The feed of revocations as a stream, then the JSON API in its dialects.
  const identify = (req: Request) => verifier.verify(bearerToken(req.headers.authorization))
  app.get(REVOCATION_STREAM_PATHS, revocationStream({ ...parts, authenticate: authenticator(identify) }))
  const api = mountRoutes(routes(parts, policy), {
    ...parts,
    authenticate: stateChecked(parts),
    bodyLimitBytes: BODY_LIMIT_BYTES,
    onForbidden: noteForbidden(parts.database.db),
  })
  app.use(api.direct)
  // 4. The OpenID Provider, which has body parsers of its own.
  const oidc = await openOidc({
    ...parts,
    pages: oidcPages(apps),
    publicUrl: config.PUBLIC_URL,
    options: oidcOptions(parts),
  })
  app.use(oidc.router)
  // 5. What people see: documentation, and the pages behind the links in mails.
  app.use(docs(config.PUBLIC_URL))
  app.use(pages({ ...parts, oidc }, policy))
  // 6. The API's paths that pages may share, and whatever is left.
  app.use(api.others)
  app.use(notFound)
  app.use(errorHandler({ logger, publicUrl: config.PUBLIC_URL, isUnavailable }))
  return app
}

/**
 * Ways in with limits of their own, which know more than the address: whoever mistypes hears of it, whatever others do
 * where they are (ADR 35).
 */
const WAYS_IN = /\/auth\/(login|refresh|refresh-token)$|^\/oidc\/(auth|token)\b|^\/(interaction|assets)\//
const isWayIn = (req: Request): boolean => WAYS_IN.test(req.path)

function oidcOptions({ config, issuer, audience }: Parts) {
  return {
    issuer,
    audience,
    accessTokenTtlSeconds: config.ACCESS_TOKEN_TTL,
    cookieSecret: config.COOKIE_SECRET.reveal(),
    serviceClientSecret: config.SERVICE_CLIENT_SECRET.reveal(),
    secure: config.PUBLIC_URL.startsWith("https://"),
  }
}
