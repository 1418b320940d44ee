import { lanes } from "@gatepost/contracts"
import { createHealth, createMetrics, listenForOperators } from "@gatepost/http"
import {
  createClaims,
  createJobs,
  createRelay,
  createSweeper,
  oldestDueSeconds,
  uncertainMails,
} from "@gatepost/mail-queue"
import { type Database, openDatabase } from "@gatepost/postgres"
import { createLogger, createSealer, type Process, packageVersion } from "@gatepost/runtime"
import type { Config } from "./config.js"
import { createDelivery } from "./delivery.js"
import { dkimKeyOf } from "./dkim-key.js"
import { createHeartbeat } from "./heartbeat.js"
import { createHttpTransport } from "./http-transport.js"
import { createSendMail } from "./send-mail.js"
import { createSmtpTransport } from "./smtp-transport.js"
import type { MailTransport } from "./transport.js"
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
  const jobs = createJobs({
    redisUrl: config.REDIS_URL,
    databaseUrl: config.DATABASE_URL,
    prepared: config.DB_PREPARED,
    logger,
  })
  const sealer = createSealer(config.MAIL_ENCRYPTION_SECRET.reveal(), "mail")

  const relay = createRelay({ database, databaseUrl: config.DATABASE_URL, jobs, logger })
  const sweeper = createSweeper({
    database,
    jobs,
    stallSeconds: config.MAIL_STALL_SECONDS,
    retentionDays: config.MAIL_RETENTION_DAYS,
    logger,
  })
  // Claims, connections and a worker per lane: a lane that waits for its server takes nothing from another.
  const workers = lanes.map((lane) => {
    const claims = createClaims({ database, sealer })
    const heartbeat = createHeartbeat(claims)
    const delivery = createDelivery(transportsOf(config))
    const sendMail = createSendMail({ claims, delivery, heartbeat, logger })
    const worker = createMailWorker({ lane, jobs, sendMail, concurrency: config.MAIL_CONCURRENCY })
    return {
      async close() {
        await worker.close()
        heartbeat.stop()
        delivery.close()
      },
    }
  })

  const operators = await openOperatorsPort(config, database)
  relay.start()
  sweeper.start()

  return {
    logger,
    async stop() {
      await Promise.all([relay.stop(), sweeper.stop()])
      await Promise.all(workers.map((worker) => worker.close()))
      await jobs.close()
      await database.close()
      await operators?.stop()
    },
  }
}

function transportsOf(config: Config): MailTransport[] {
  const dkim = dkimKeyOf(config)
  const urls = [config.SMTP_URL, config.SMTP_URL_FALLBACK].flatMap((url) => (url ? [url.reveal()] : []))
  return urls.map((url) =>
    url.startsWith("smtp") ? createSmtpTransport(url, { dkim }) : createHttpTransport(url),
  )
}

/** Probes and metrics; without SMTP the worker is still ready, since mails wait in their rows (R2). */
async function openOperatorsPort(config: Config, database: Database) {
  if (config.METRICS_PORT === undefined) return undefined
  const version = packageVersion(new URL("../package.json", import.meta.url))
  const health = createHealth({ service: "mail-worker", version, required: { database: database.ping } })
  const metrics = createMetrics("mail-worker")
  metrics.gauge({
    name: "mail_oldest_due_seconds",
    help: "For how long the oldest mail that should leave has been due",
    label: "lane",
    values: () => oldestDueSeconds(database),
  })
  metrics.gauge({
    name: "mail_uncertain",
    help: "Mails of which nobody can know whether they arrived, and which are not sent again by themselves",
    label: "lane",
    values: () => uncertainMails(database),
  })
  return listenForOperators({ port: config.METRICS_PORT, host: config.HOST, health, metrics })
}
