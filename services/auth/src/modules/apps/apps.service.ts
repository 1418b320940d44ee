import { readFileSync } from "node:fs"
import type { MailPayload } from "@gatepost/contracts"
import type { Egress } from "@gatepost/egress"
import { ConfigError } from "@gatepost/runtime"
import { z } from "zod"
import { App } from "./apps.types.js"
import { type Rights, type RightsHolder, rightsOf, scopesOf } from "./rights.js"

export interface Apps {
  list(): readonly App[]
  find(clientId: string): App | undefined
  /** The app that a call comes from: by `X-Client-Id`, else by host, else the default. */
  ofRequest(request: CallingApp): App
  /**
   * Whether the JSON API gives an app tokens. It asks nobody for consent, a secret or a key, so only to the
   * operator's own apps that have none of these.
   */
  getsTokensByJson(clientId: string): boolean
  /** What a session's person may do by their roles. */
  rightsOf(session: RightsHolder): Rights
  /** All that roles allow, wherever they count: what an owner of API keys may pass on. */
  scopesOf(roleGrants: readonly string[]): ReadonlySet<string>
  /** Whether a host (without port) is ours to answer for. */
  isKnownHost(host: string): boolean
  /** The link in a mail of this app. */
  link(app: App, template: keyof App["link_templates"], token: string): string
  /** What each mail to a person says of its app, and how it greets. */
  mailHeader(clientId: string, person: { name: string | undefined }): MailHeader
}

export interface CallingApp {
  clientId: string | undefined
  host: string
}

export type MailHeader = Pick<MailPayload, "app" | "greeting_name">

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]", "::1"]

/** @throws ConfigError when the file or the default app is not as it should be */
export function loadApps(options: {
  file: string
  defaultApp: string
  publicUrl: string
  /** Where other services reach this one, if that is another host. */
  jwksUrl?: string | undefined
  egress: Egress
}): Apps {
  const apps = readApps(options.file)
  assertReachable(apps, options)
  const byId = new Map(apps.map((app) => [app.client_id, app]))
  const byHost = new Map(apps.flatMap((app) => app.hosts.map((host) => [host.toLowerCase(), app] as const)))
  const defaultApp = byId.get(options.defaultApp)
  if (!defaultApp)
    throw new ConfigError(`DEFAULT_APP ${options.defaultApp} is not one of the apps in APPS_FILE`)
  const ownHosts = new Set(LOOPBACK)
  for (const url of [options.publicUrl, options.jwksUrl]) if (url) ownHosts.add(new URL(url).hostname)

  return {
    list: () => apps,
    find: (clientId) => byId.get(clientId),
    ofRequest: ({ clientId, host }) => (clientId ? byId.get(clientId) : byHost.get(host)) ?? defaultApp,
    getsTokensByJson(clientId) {
      const app = byId.get(clientId)
      if (!app?.first_party) return false
      return app.token_endpoint_auth_method === "none" && !app.dpop_bound_access_tokens
    },
    rightsOf: (session) => rightsOf(byId.get(session.clientId), session),
    scopesOf: (roleGrants) => scopesOf(apps, roleGrants),
    isKnownHost: (host) => ownHosts.has(host) || byHost.has(host),
    link: (app, template, token) =>
      app.link_templates[template]
        .replaceAll("{public_url}", options.publicUrl)
        .replaceAll("{client_id}", app.client_id)
        .replaceAll("{token}", token),
    mailHeader(clientId, person) {
      const app = byId.get(clientId) ?? defaultApp
      const firstName = person.name?.split(" ")[0]
      return {
        app: { name: app.client_name, from: app.mail_from, color: app.colors.primary },
        ...(firstName && { greeting_name: firstName }),
      }
    },
  }
}

function assertReachable(apps: readonly App[], { file, egress }: { file: string; egress: Egress }): void {
  const faults = apps.flatMap(({ client_id, backchannel_logout_uri: uri }) => {
    const fault = uri === undefined ? undefined : egress.faultOf(uri)
    return fault ? [`the backchannel_logout_uri of ${client_id}: ${fault}`] : []
  })
  if (faults.length > 0) throw new ConfigError(`APPS_FILE ${file} can't be used: ${faults.join("; ")}`)
}

function readApps(file: string): App[] {
  try {
    return z
      .array(App)
      .min(1)
      .parse(JSON.parse(readFileSync(file, "utf8")))
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message
    throw new ConfigError(`APPS_FILE ${file} can't be used: ${reason}`)
  }
}
