import { createEgress } from "@gatepost/egress"
import { unlimited } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import { z } from "zod"
import { Refusal } from "./command.js"
import type { readAdminConfig } from "./config.js"
import { Email } from "./modules/accounts/index.js"
import { inviteAdmin } from "./modules/admin-invitations/index.js"
import { createApiKeys } from "./modules/api-keys/index.js"
import { loadApps } from "./modules/apps/index.js"
import {
  ClientId,
  createServiceClients,
  ExpiresInDays,
  Jwks,
  Name,
  OverlapSeconds,
  ServiceScopes,
} from "./modules/service-clients/index.js"

interface AdminParts {
  database: Database
  config: ReturnType<typeof readAdminConfig>
}

const Values = z.object({
  scope: ServiceScopes.optional(),
  name: Name.optional(),
  days: z.coerce.number().pipe(ExpiresInDays.unwrap()).default(90),
  overlap: z.coerce.number().pipe(OverlapSeconds.unwrap()).default(86_400),
  jwks: Jwks.optional(),
})

const OPERATOR = { by: "operator" }
const OPERATORS_KEYS = { id: undefined, source: {} }

/**
 * What the command `admin` does.
 *
 * @returns what it did, in words; nothing for an order that there is not
 * @throws Refusal, Problem
 */
export async function obeyAdmin(
  parts: AdminParts,
  [what, verb, name, ...others]: string[],
  given: Record<string, unknown>,
): Promise<string | undefined> {
  const values = check(Values, given)
  if (what === "invite" && name === undefined) return invite(parts, verb)
  if (others.length > 0) return undefined
  if (what === "client") return clientOrder(parts, verb, name, values)
  if (what === "key") return keyOrder(parts, verb, name, values)
  return undefined
}

async function invite({ database, config }: AdminParts, given: string | undefined): Promise<string> {
  const email = given ?? config.ADMIN_EMAIL
  if (!email) throw new Refusal("Whom? Give an email address, or set ADMIN_EMAIL.")
  const link = await inviteAdmin(database, { email: check(Email, email), publicUrl: config.PUBLIC_URL })
  if (!link) throw new Refusal("There is an admin already, who can make others: nothing was done.")
  return link
}

async function clientOrder(
  { database, config }: AdminParts,
  verb: string | undefined,
  name: string | undefined,
  { scope, name: clientName, days: expiresInDays, overlap: overlapSeconds, jwks }: z.output<typeof Values>,
): Promise<string | undefined> {
  const clients = createServiceClients({ database, apps: appsOf(config) })
  if (verb === "list" && !name) {
    const rows = (await clients.list()).map(
      ({ clientId, authMethod, scopes, secretsExpireAt: [until] }) =>
        `${clientId}  ${authMethod}  ${scopes.join(" ")}  ${until ? `until ${until.toISOString()}` : ""}`,
    )
    return rows.join("\n") || "There are none but `backend`."
  }
  if (!name) return undefined
  const clientId = check(ClientId, name)
  if (verb === "create" && scope) {
    const authMethod = jwks ? "private_key_jwt" : "client_secret_basic"
    const client = {
      clientId,
      clientName: clientName ?? clientId,
      scopes: scope,
      authMethod,
      jwks,
      expiresInDays,
    } as const
    const { secret } = await clients.create(client, OPERATOR)
    return shown(`Client ${clientId}`, secret)
  }
  if (verb === "rotate") {
    const { secret } = await clients.rotate(clientId, { overlapSeconds, expiresInDays }, OPERATOR)
    return shown(`Client ${clientId}`, secret)
  }
  if (verb !== "revoke") return undefined
  await clients.revoke(clientId, OPERATOR)
  return `Client ${clientId} is revoked; tokens that it has end within five minutes.`
}

async function keyOrder(
  { database, config }: AdminParts,
  verb: string | undefined,
  name: string | undefined,
  { scope, days: expiresInDays, overlap: overlapSeconds }: z.output<typeof Values>,
): Promise<string | undefined> {
  const environment = config.PUBLIC_URL.startsWith("https://") ? "live" : "test"
  const keys = createApiKeys({ database, limiter: unlimited, apps: appsOf(config), environment })
  if (verb === "list" && !name) {
    const rows = (await keys.list(OPERATORS_KEYS)).map(
      ({ id, name, scopes, expiresAt }) =>
        `${id}  ${name}  ${scopes.join(" ")}  until ${expiresAt.toISOString()}`,
    )
    return rows.join("\n") || "There are none."
  }
  if (!name) return undefined
  if (verb === "create" && scope) {
    const made = await keys.create(OPERATORS_KEYS, { name: check(Name, name), scopes: scope, expiresInDays })
    return shown(`API key ${made.record.id}`, made.key)
  }
  if (verb === "rotate") {
    const made = await keys.rotate(OPERATORS_KEYS, name, { overlapSeconds, expiresInDays })
    return shown(`API key ${made.record.id}`, made.key)
  }
  if (verb !== "revoke") return undefined
  await keys.revoke(OPERATORS_KEYS, name)
  return `API key ${name} is revoked; services that remember it take it for half a minute more.`
}

const appsOf = (config: AdminParts["config"]) =>
  loadApps({
    file: config.APPS_FILE,
    defaultApp: config.DEFAULT_APP,
    publicUrl: config.PUBLIC_URL,
    // What the service itself checks at its start.
    egress: createEgress({ allowLoopback: true }),
  })

const shown = (what: string, secret: string | undefined): string =>
  secret ? `${what}. Its secret is shown this once:\n${secret}` : `${what}.`

function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new Refusal(`${z.prettifyError(result.error)}\nNothing was done.`)
}
