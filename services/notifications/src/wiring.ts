import { fileURLToPath } from "node:url"
import { createHealth, createLimiter, createMetrics, unlimited } from "@gatepost/http"
import { createIdempotency, deleteExpiredLimits, openDatabase, schemaCheck } from "@gatepost/postgres"
import {
  createLogger,
  createSealer,
  deriveKey,
  directUrlOf,
  type Logger,
  packageVersion,
  startHousekeeping,
} from "@gatepost/runtime"
import {
  type ApiKeyVerifier,
  createApiKeyVerifier,
  createVerifier,
  type RevocationOptions,
} from "@gatepost/token-verifier"
import type { Config } from "./config.js"
import { createFactsService } from "./modules/facts/index.js"
import {
  createCursors,
  createInboxService,
  createSettling,
  endOldNotifications,
} from "./modules/inbox/index.js"
import { createSendingService } from "./modules/sending/index.js"
import { createStreamsService, followHints } from "./modules/stream/index.js"
import { createTemplatesService } from "./modules/templates/index.js"
import { openReach } from "./reach.js"

export type Parts = ReturnType<typeof wire>

const MANIFEST = new URL("../package.json", import.meta.url)
const SCHEMA = {
  schema: "notifications",
  directory: fileURLToPath(new URL("../migrations", import.meta.url)),
}
// Most of them are streams that wait for a hint.
const MAX_CONNECTIONS = 12_000
const IDEMPOTENCY_TTL_SECONDS = 30 * 86_400

/** The composition root: who gets what. */
export function wire(config: Config) {
  const logger = createLogger("notifications", config.LOG_LEVEL)
  const database = openDatabase({
    url: config.DATABASE_URL,
    applicationName: "gatepost notifications",
    poolSize: config.DB_POOL_SIZE,
    prepared: config.DB_PREPARED,
  })
  const verifier = createVerifier({
    issuer: `${config.PUBLIC_URL}/oidc`,
    audience: config.API_AUDIENCE ?? config.PUBLIC_URL,
    ...(config.JWKS_URL && { jwksUrl: config.JWKS_URL }),
    onKeysError: (err) => logger.warn({ err }, "the signing keys could not be fetched"),
    revocation: revocationOf(config, logger),
  })
  const keys = async () => {
    if (!(await verifier.ready())) throw new Error("no signing keys, or no word of revocations yet")
  }
  const apiKeys = apiKeysOf(config)
  const metrics = createMetrics("notifications")
  const health = createHealth({
    service: "notifications",
    version: packageVersion(MANIFEST),
    required: { database: database.ping, schema: schemaCheck(database, SCHEMA), keys },
  })
  const idempotency = createIdempotency({
    database,
    schema: "notifications",
    ttlSeconds: IDEMPOTENCY_TTL_SECONDS,
    sealer: createSealer(config.IDEMPOTENCY_SECRET.reveal(), "idempotent answers"),
  })
  const cursors = createCursors(deriveKey(config.IDEMPOTENCY_SECRET.reveal(), "cursors"))
  const inbox = createInboxService({ cursors, database })
  const templates = createTemplatesService({ database })
  const reach = openReach({ config, database, metrics, logger, listUnread: inbox.listUnread })
  const sending = createSendingService({ database, idempotency, templates, channels: reach.channels })
  const facts = createFactsService({
    database,
    notify: (trx, notice) => sending.notify(trx, { ...notice, link: null, actions: [] }),
    async forget(trx, userId) {
      await inbox.forget(trx, userId)
      await reach.forget(trx, userId)
    },
  })
  const settling = createSettling({ database, logger })
  settling.start()
  const hints = followHints(directUrlOf(config), logger)
  const streams = createStreamsService({ hints, isDraining: health.isDraining })
  const limiter = config.RATE_LIMITS
    ? createLimiter({ kind: "postgres", db: database.db, schema: "notifications" })
    : unlimited
  const housekeeping = startHousekeeping(logger, {
    rateLimits: () => deleteExpiredLimits(database.db, "notifications"),
    idempotencyKeys: idempotency.sweep,
    channels: reach.channels.sweep,
    devices: reach.sweepDevices,
    facts: facts.sweep,
    inbox: () => endOldNotifications(database, config.NOTIFICATION_RETENTION_DAYS),
  })

  return {
    config,
    logger,
    database,
    verifier,
    apiKeys,
    metrics,
    health,
    inbox,
    sending,
    templates,
    facts,
    ...reach,
    streams,
    housekeeping,
    maxConnections: MAX_CONNECTIONS,
    limiter,
    async close() {
      await housekeeping.stop()
      streams.close()
      await hints.close()
      await settling.stop()
      await reach.channels.stop()
      verifier.close()
      await database.close()
    },
  }
}

/** How to ask what an API key may do, at the same host. */
function apiKeysOf(config: Config): ApiKeyVerifier | undefined {
  if (!config.SERVICE_CLIENT_SECRET) return undefined
  const authUrl = config.JWKS_URL ?? config.PUBLIC_URL
  return createApiKeyVerifier({
    clientId: config.REVOCATION_CLIENT_ID,
    clientSecret: config.SERVICE_CLIENT_SECRET.reveal(),
    tokenUrl: new URL("/oidc/token", authUrl).href,
    verifyUrl: new URL("/v1/auth/verify-api-key", authUrl).href,
  })
}

/** How to follow which sessions were revoked, at the host that has the keys (DESIGN.md D6). */
function revocationOf(config: Config, logger: Logger): RevocationOptions | undefined {
  if (!config.SERVICE_CLIENT_SECRET) {
    logger.warn("no SERVICE_CLIENT_SECRET: the tokens of revoked sessions are taken until they expire")
    return undefined
  }
  const authUrl = config.JWKS_URL ?? config.PUBLIC_URL
  return {
    clientId: config.REVOCATION_CLIENT_ID,
    clientSecret: config.SERVICE_CLIENT_SECRET.reveal(),
    tokenUrl: new URL("/oidc/token", authUrl).href,
    feedUrl: new URL("/v1/revocations", authUrl).href,
    maxStalenessSeconds: config.MAX_STALENESS,
    whenStale: config.WHEN_STALE,
    onStale: (seconds, err) => {
      logger.error({ err, seconds, when_stale: config.WHEN_STALE }, "there is no word of revocations")
    },
  }
}
