import type { Egress } from "@gatepost/egress"
import type { Limiter } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import { directUrlOf, type Logger, type Sealer } from "@gatepost/runtime"
import type { Registry } from "prom-client"
import type { Config } from "./config.js"
import { createAdminInvitations } from "./modules/admin-invitations/index.js"
import { createAdminUsersService } from "./modules/admin-users/index.js"
import { createApiKeys } from "./modules/api-keys/index.js"
import type { Apps } from "./modules/apps/index.js"
import { openBackchannelLogout } from "./modules/backchannel-logout/index.js"
import { createEvents } from "./modules/events/index.js"
import type { PasswordResetService } from "./modules/password-reset/index.js"
import type { Hasher, PasswordPolicy } from "./modules/passwords/index.js"
import { createRolesService } from "./modules/roles/index.js"
import { createServiceClients } from "./modules/service-clients/index.js"
import type { SessionStore } from "./modules/sessions/index.js"
import type { SigningKeys } from "./modules/signing-keys/index.js"
import { openWebhooks } from "./modules/webhooks/index.js"

export interface AdministrationDeps {
  config: Config
  database: Database
  apps: Apps
  egress: Egress
  hasher: Hasher
  issuer: string
  keys: SigningKeys
  limiter: Limiter
  logger: Logger
  metrics: { registry: Registry }
  passwordPolicy: PasswordPolicy
  passwordReset: PasswordResetService
  /** Seals the secrets of webhooks. */
  sealer: Sealer
  store: SessionStore
}

/**
 * What is about users, programs and who is told of them, and not about one's own account: its part of the composition
 * root.
 */
export async function openAdministration(deps: AdministrationDeps) {
  const { config } = deps
  const environment = config.PUBLIC_URL.startsWith("https://") ? "live" : "test"
  const serviceClients = createServiceClients(deps)
  const apiKeys = createApiKeys({ ...deps, environment })
  const events = createEvents(deps)
  const told = { ...deps, databaseUrl: directUrlOf(config) }
  const backchannelLogout = await openBackchannelLogout(told)
  const webhooks = openWebhooks(told)

  return {
    parts: {
      adminInvitations: createAdminInvitations(deps),
      adminUsers: createAdminUsersService(deps),
      roles: createRolesService(deps),
      serviceClients,
      apiKeys,
      events,
      webhooks,
    },
    sweeps: {
      serviceClients: serviceClients.sweep,
      apiKeys: apiKeys.sweep,
      events: events.sweep,
      webhooks: webhooks.sweep,
      backchannelLogouts: backchannelLogout.sweep,
    },
    async stop() {
      await backchannelLogout.stop()
      await webhooks.stop()
    },
  }
}
