import { createHealth, createMetrics, unlimited } from "@gatepost/http"
import { createIdempotency, openDatabase } from "@gatepost/postgres"
import { createLogger, createSealer, packageVersion, startHousekeeping } from "@gatepost/runtime"
import { createVerifier } from "@gatepost/token-verifier"
import type { Config } from "./config.js"
import { createCursors, createInboxService } from "./modules/inbox/index.js"

export type Parts = ReturnType<typeof wire>

const MANIFEST = new URL("../package.json", import.meta.url)
const IDEMPOTENCY_TTL_SECONDS = 30 * 86_400

/** The composition root: who gets what. */
export function wire(config: Config) {
  const logger = createLogger("notifications", config.LOG_LEVEL)
  const database = openDatabase({
    url: config.DATABASE_URL,
    applicationName: "gatepost notifications",
    poolSize: config.DB_POOL_SIZE,
    prepared: config.DB_PREPARED,
    logger,
  })
  const verifier = createVerifier({
    issuer: `${config.PUBLIC_URL}/oidc`,
    audience: config.API_AUDIENCE ?? config.PUBLIC_URL,
    ...(config.JWKS_URL && { jwksUrl: config.JWKS_URL }),
    onKeysError: (err) => logger.warn({ err }, "the signing keys could not be fetched"),
  })
  const keys = async () => {
    if (!(await verifier.ready())) throw new Error("no signing keys yet")
  }
  const metrics = createMetrics("notifications")
  const health = createHealth({
    service: "notifications",
    version: packageVersion(MANIFEST),
    required: { database: database.ping, keys },
  })
  const idempotency = createIdempotency({
    database,
    schema: "notifications",
    ttlSeconds: IDEMPOTENCY_TTL_SECONDS,
    sealer: createSealer(config.IDEMPOTENCY_SECRET.reveal(), "idempotent answers"),
  })
  const cursors = createCursors(createSealer(config.IDEMPOTENCY_SECRET.reveal(), "cursors"))
  const inbox = createInboxService({ cursors, database, idempotency })
  const housekeeping = startHousekeeping(logger, { idempotencyKeys: idempotency.sweep })

  return {
    config,
    logger,
    database,
    verifier,
    metrics,
    health,
    inbox,
    limiter: unlimited,
    async close() {
      housekeeping.stop()
      await database.close()
    },
  }
}
