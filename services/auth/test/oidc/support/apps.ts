import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { type Bundle, setup } from "../../support/setup.js"

/** A client as its own makers know it. */
export interface Client {
  clientId: string
  redirectUri: string
  secret?: string
  /** With a secret in the form (client_secret_post) and not in a header. */
  inForm?: boolean
}

export const CLIENTS = {
  /** A public web app of the operator's own. */
  web: { clientId: "web", redirectUri: "http://localhost:5173/callback" },
  /** Its back end: the secret in a header. */
  basic: { clientId: "basic", redirectUri: "https://basic.example/callback", secret: "b".repeat(40) },
  post: {
    clientId: "post",
    redirectUri: "https://post.example/cb?a=b",
    secret: "p".repeat(40),
    inForm: true,
  },
  native: { clientId: "native", redirectUri: "com.example.native:/callback" },
  /** Somebody else's app: people are asked. */
  partner: { clientId: "partner", redirectUri: "https://partner.example/callback", secret: "q".repeat(40) },
  /** Its tokens are bound to a key (RFC 9449). */
  bound: { clientId: "bound", redirectUri: "https://bound.example/callback" },
  /** A television, and one of somebody else's. */
  tv: { clientId: "tv", redirectUri: "" },
  radio: { clientId: "radio", redirectUri: "" },
  /** Has to push its requests (RFC 9126). */
  pushed: { clientId: "pushed", redirectUri: "https://pushed.example/callback", secret: "r".repeat(40) },
} as const satisfies Record<string, Client>

export const SIGNED_OUT = "http://localhost:5173/signed-out"

const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

const app = (client: Client, more: Record<string, unknown> = {}) => ({
  client_id: client.clientId,
  client_name: client.clientId === "partner" ? "Partner & Söhne" : client.clientId.toUpperCase(),
  redirect_uris: client.redirectUri ? [client.redirectUri] : [],
  token_endpoint_auth_method: client.secret ? `client_secret_${client.inForm ? "post" : "basic"}` : "none",
  ...(client.secret && { client_secret: client.secret }),
  first_party: true,
  link_templates: {
    verify_email: "{public_url}/v1/auth/verify-email/{token}?client_id={client_id}",
    reset_password: "{public_url}/reset-password?client_id={client_id}&token={token}",
  },
  mail_from: "hello@app.example",
  colors: { primary: "#0f766e" },
  ...more,
})

const APPS = [
  app(CLIENTS.web, {
    post_logout_redirect_uris: [SIGNED_OUT, `${SIGNED_OUT}?from=gatepost`],
    allowed_origins: ["http://localhost:5173"],
    guests: true,
  }),
  app(CLIENTS.basic),
  app(CLIENTS.post, { redirect_uris: [CLIENTS.post.redirectUri, "https://post.example/second"] }),
  app(CLIENTS.native, {
    application_type: "native",
    redirect_uris: [CLIENTS.native.redirectUri, "http://127.0.0.1/callback", "http://[::1]/callback"],
  }),
  app(CLIENTS.partner, {
    first_party: false,
    redirect_uris: [CLIENTS.partner.redirectUri, "http://localhost:5173/partner"],
    colors: { primary: "#f59e0b" },
    post_logout_redirect_uris: ["https://partner.example/bye"],
  }),
  app(CLIENTS.bound, { dpop_bound_access_tokens: true }),
  app(CLIENTS.tv, { application_type: "native", grant_types: [DEVICE_GRANT, "refresh_token"] }),
  app(CLIENTS.radio, {
    first_party: false,
    application_type: "native",
    grant_types: [DEVICE_GRANT, "refresh_token"],
  }),
  app(CLIENTS.pushed, { require_pushed_authorization_requests: true }),
]

/** What some apps have besides, by client id. */
export type MoreMembers = Record<string, Record<string, unknown>>

/** The apps above as an APPS_FILE. */
export async function writeApps(
  members: MoreMembers = {},
): Promise<{ file: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), "gatepost-apps-"))
  const file = path.join(folder, "apps.json")
  await writeFile(file, JSON.stringify(APPS.map((one) => ({ ...one, ...members[one.client_id] }))))
  return { file, remove: () => rm(folder, { recursive: true }) }
}

/** A whole auth service whose apps are those above. */
export async function setupProvider(
  env: Record<string, string> = {},
  members: MoreMembers = {},
): Promise<Bundle> {
  const apps = await writeApps(members)
  const auth = await setup({ APPS_FILE: apps.file, DEFAULT_APP: "web", ...env })
  return {
    ...auth,
    async stop() {
      await auth.stop()
      await apps.remove()
    },
  }
}
