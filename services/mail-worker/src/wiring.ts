import { lanes } from "@gatepost/contracts"
import { createHealth, createMetrics, listenForOperators } from "@gatepost/http"
import { createClaims, createJobs, createRelay, createSweeper } from "@gatepost/mail-queue"
import { openDatabase } from "@gatepost/postgres"
import { createLogger, createSealer, type Process, packageVersion } from "@gatepost/runtime"
import type { Config } from "./config.js"
import { dkimKeyOf } from "./dkim-key.js"
import { createSendMail } from "./send-mail.js"
import { createMailTransport } from "./transport.js"
import { createMailWorker } from "./worker.js"

/** Starts the relay, the sweeper and a worker per lane. */
export async function startMailWorker(config: Config): Promise<Process> {
  const logger = createLogger("mail-worker", config.LOG_LEVEL)
  const database = openDatabase({
    url: config.DATABASE_URL,
    applicationName: "gatepost mail-worker",
    poolSize: config.DB_POOL_SIZE,
    prepared: config.DB_PREPARED,
  })
  const jobs = createJobs({ redisUrl: config.REDIS_URL, databaseUrl: config.DATABASE_URL, logger })
  const sealer = createSealer(config.MAIL_ENCRYPTION_SECRET.reveal(), "mail")
  const concurrency = config.MAIL_CONCURRENCY
  const stallSeconds = config.MAIL_STALL_SECONDS

  const relay = createRelay({ database, databaseUrl: config.DATABASE_URL, jobs, logger })
  const sweeper = createSweeper({
    database,
    stallSeconds,
    retentionDays: config.MAIL_RETENTION_DAYS,
    logger,
  })

  const url = config.SMTP_URL.reveal()
  const transport = () => createMailTransport({ url, connections: concurrency, dkim: dkimKeyOf(config) })
  // A pool per lane: a lane that waits for its server takes no connection from another.
  const transports = { otp: transport(), transactional: transport(), bulk: transport() }
  const sendMail = createSendMail({
    claims: createClaims({ database, sealer }),
    transports,
    renewEveryMs: (stallSeconds * 1_000) / 3,
    logger,
  })
  const workers = lanes.map((lane) => createMailWorker({ lane, jobs, sendMail, concurrency }))

  const operators = await openOperatorsPort(config, database.ping)
  relay.start()
  sweeper.start()

  return {
    logger,
    async stop() {
      await Promise.all([relay.stop(), sweeper.stop()])
      await Promise.all(workers.map((worker) => worker.close()))
      for (const lane of lanes) transports[lane].close()
      await jobs.close()
      await database.close()
      await operators?.stop()
    },
  }
}

/** Probes and metrics; without SMTP the worker is still ready, since mails wait in their rows (R2). */
async function openOperatorsPort(config: Config, ping: () => Promise<void>) {
  if (config.METRICS_PORT === undefined) return undefined
  const version = packageVersion(new URL("../package.json", import.meta.url))
  const health = createHealth({ service: "mail-worker", version, required: { database: ping } })
  const metrics = createMetrics("mail-worker")
  return listenForOperators({ port: config.METRICS_PORT, host: config.HOST, health, metrics })
}
