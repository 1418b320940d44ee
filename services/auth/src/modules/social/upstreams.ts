import type { Egress } from "@gatepost/egress"
import { ConfigError } from "@gatepost/runtime"
import type { App } from "../apps/index.js"
import { idOf, type ProviderSettings } from "../social-providers/index.js"
import { githubUpstream } from "./github-upstream.js"
import { oidcUpstream } from "./oidc-upstream.js"
import type { Upstream } from "./social.types.js"
import { upstreamCalls } from "./upstream-calls.js"

export interface Upstreams {
  /** Those that an app offers, in the order of the settings. */
  of(app: App | undefined): Upstream[]
  find(app: App | undefined, id: string): Upstream | undefined
  /** One of all, whatever apps offer. */
  byId(id: string): Upstream | undefined
  /** Those that want their refresh tokens back. */
  revoking(): string[]
  /** Whatever apps offer: what a linked identity is called. */
  nameOf(id: string): string
}

/** @throws ConfigError where a provider can't be called, or an app offers one that is not there */
export function createUpstreams(options: {
  providers: readonly ProviderSettings[]
  apps: readonly App[]
  publicUrl: string
  egress: Egress
}): Upstreams {
  const { providers, apps, publicUrl, egress } = options
  assertSound(providers, apps, egress)
  const calls = upstreamCalls(egress)
  const upstreams = providers.map((settings) =>
    settings.type === "github"
      ? githubUpstream(settings, publicUrl, calls)
      : oidcUpstream(settings, publicUrl, calls),
  )
  const of = (app: App | undefined) =>
    upstreams.filter(({ id }) => app?.social_providers === undefined || app.social_providers.includes(id))

  return {
    of,
    find: (app, id) => of(app).find((upstream) => upstream.id === id),
    byId: (id) => upstreams.find((upstream) => upstream.id === id),
    revoking: () => upstreams.flatMap(({ id, revoke }) => (revoke ? [id] : [])),
    nameOf: (id) => upstreams.find((upstream) => upstream.id === id)?.name ?? id,
  }
}

function assertSound(providers: readonly ProviderSettings[], apps: readonly App[], egress: Egress): void {
  const ids = providers.map(idOf)
  const faults = [
    ...providers.flatMap((settings) => {
      const urls = settings.type === "github" ? [settings.issuer, settings.api_url] : [settings.issuer]
      return urls.flatMap((url) => {
        const fault = egress.faultOf(url)
        return fault ? [`SOCIAL_PROVIDERS: ${idOf(settings)} at ${url}: ${fault}`] : []
      })
    }),
    ...apps.flatMap(({ client_id, social_providers = [] }) =>
      social_providers
        .filter((id) => !ids.includes(id))
        .map((id) => `APPS_FILE: ${client_id} offers ${id}, which SOCIAL_PROVIDERS doesn't have`),
    ),
  ]
  if (faults.length > 0) throw new ConfigError(faults.join("\n"))
}
