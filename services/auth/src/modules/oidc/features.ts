import { scopes } from "@gatepost/contracts"
import { type Configuration, errors } from "oidc-provider"
import type { Apps } from "../apps/index.js"
import { BACKEND } from "./clients.js"
import type { OidcPages } from "./oidc-pages.js"

export interface FeatureOptions {
  apps: Apps
  pages: OidcPages
  audience: string
  accessTokenTtlSeconds: number
}

const SERVICE_TTL_SECONDS = 300

/** What the provider can do beyond the code flow, and nothing that RFC 9700 forbids. */
export function features(options: FeatureOptions): NonNullable<Configuration["features"]> {
  const { apps, pages, audience, accessTokenTtlSeconds } = options
  const api = {
    scope: Object.keys(scopes).join(" "),
    audience,
    accessTokenFormat: "jwt" as const,
    accessTokenTTL: accessTokenTtlSeconds,
    jwt: { sign: { alg: "RS256" as const } },
  }

  return {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    deviceFlow: {
      enabled: true,
      charset: "base-20",
      userCodeInputSource: (ctx, form, out, error) => {
        // A session that was never stored can't guard a form, and the provider fails to store it now.
        const isLost = error !== undefined && ctx.oidc.session?.exp === undefined
        if (isLost) Object.assign(ctx.oidc.session ?? {}, { touched: false })
        return isLost ? pages.deviceLost(ctx) : pages.deviceCode(ctx, form, out, error)
      },
      userCodeConfirmSource: pages.deviceConfirm,
      successSource: pages.deviceDone,
    },
    dPoP: { enabled: true },
    introspection: {
      enabled: true,
      // RFC 7662 section 2.1 wants the asker authenticated, and a client's name proves nothing.
      allowedPolicy: (_ctx, client, token) =>
        client.clientAuthMethod !== "none" && token.clientId === client.clientId,
    },
    pushedAuthorizationRequests: { enabled: true },
    revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: pages.logout,
      // Also whoever chose to stay comes here, where no client said where to go.
      postLogoutSuccessSource: async (ctx) => {
        const { accountId } = await ctx.oidc.provider.Session.get(ctx)
        return accountId ? pages.stillSignedIn(ctx) : pages.signedOut(ctx)
      },
    },
    userinfo: { enabled: true },
    resourceIndicators: {
      enabled: true,
      // Services, and our own apps where they ask for its scopes, mean our API; others name it (RFC 8707).
      defaultResource: (ctx, client) =>
        isForApi(ctx.oidc.requestParamScopes, client.clientId) ? audience : [],
      useGrantedResource: () => true,
      getResourceServerInfo: (_ctx, resource, client) => {
        if (resource !== audience) throw new errors.InvalidTarget()
        // A revoked one is out of reach of the revocation feed, which is about sessions.
        const isOfFile = apps.find(client.clientId) !== undefined || client.clientId === BACKEND
        return isOfFile
          ? api
          : { ...api, accessTokenTTL: Math.min(SERVICE_TTL_SECONDS, accessTokenTtlSeconds) }
      },
    },
  }

  function isForApi(requested: ReadonlySet<string>, clientId: string): boolean {
    const app = apps.find(clientId)
    if (!app) return true
    return app.first_party && [...requested].some((scope) => scope in scopes)
  }
}
