import type { Egress } from "@gatepost/egress"
import type { Outbox } from "@gatepost/mail-queue"
import type { Database, Db } from "@gatepost/postgres"
import type { Logger, Sealer } from "@gatepost/runtime"
import type { Registry } from "prom-client"
import type { Apps } from "../apps/index.js"
import type { Ownership } from "../ownership/index.js"
import type { SessionsService } from "../sessions/index.js"
import type { ProviderSettings } from "../social-providers/index.js"
import { createIdentitiesService } from "./identities.service.js"
import { createMembers } from "./members.js"
import { createSocialService } from "./social.service.js"
import { openUpstreamRevocations } from "./upstream-revocations.js"
import { createUpstreams } from "./upstreams.js"

export interface SocialParts {
  database: Database
  apps: Apps
  egress: Egress
  outbox: Outbox
  ownership: Ownership
  sessions: SessionsService
  sealer: Sealer
  hasWayIn(trx: Db, accountId: string): Promise<boolean>
  metrics: { registry: Registry }
  logger: Logger
  databaseUrl: string
  options: { providers: readonly ProviderSettings[]; publicUrl: string; key: Buffer }
}

/**
 * Sign-in with other people's providers, and what links them to an account.
 *
 * @throws ConfigError where a provider can't be used
 */
export function createSocial(parts: SocialParts) {
  const { database, apps, egress, outbox, ownership, sessions, sealer, hasWayIn, options } = parts
  const { providers, publicUrl, key } = options
  const upstreams = createUpstreams({ providers, apps: apps.list(), publicUrl, egress })
  const members = createMembers({ database, apps, outbox, ownership, sealer, nameOf: upstreams.nameOf })
  const social = createSocialService({ database, apps, members, sessions, upstreams, key })
  const identities = createIdentitiesService({
    database,
    apps,
    members,
    social,
    upstreams,
    key,
    assertFresh: sessions.assertFresh,
    hasWayIn,
  })
  const revocations = openUpstreamRevocations({ ...parts, upstreams })
  return { social, identities, revocations }
}
