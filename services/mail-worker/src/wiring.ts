import { lanes } from "@gatepost/contracts"
import { createClaims, createJobs, createRelay, createSweeper } from "@gatepost/mail-queue"
import { openDatabase } from "@gatepost/postgres"
import { createLogger, createSealer, directUrlOf, type Process } from "@gatepost/runtime"
import { startTracing } from "@gatepost/tracing"
import type { Config } from "./config.js"
import { createDelivery } from "./delivery.js"
import { dkimKeyOf } from "./dkim-key.js"
import { createHeartbeat } from "./heartbeat.js"
import { createHttpTransport } from "./http-transport.js"
import { createOperators, type OperatorPorts } from "./operators.js"
import { createSendMail } from "./send-mail.js"
import { createSmtpTransport } from "./smtp-transport.js"
import type { MailTransport } from "./transport.js"
import { createMailWorker } from "./worker.js"

/** `ports`: where operators find it, as far as METRICS_PORT and ADMIN_PORT are set. */
export type MailWorker = Process & { ports: OperatorPorts }

/** Starts the relay, the sweeper and a worker per lane. */
export async function startMailWorker(config: Config): Promise<MailWorker> {
  const logger = createLogger("mail-worker", config.LOG_LEVEL)
  const tracing = await startTracing("mail-worker", config, logger)
  const database = openDatabase({
    url: config.DATABASE_URL,
    applicationName: "gatepost mail-worker",
    poolSize: config.DB_POOL_SIZE,
    prepared: config.DB_PREPARED,
  })
  const jobs = createJobs({
    redisUrl: config.REDIS_URL,
    databaseUrl: directUrlOf(config),
    prepared: config.DB_PREPARED,
    logger,
  })
  const operators = createOperators({ config, database, jobs, logger })
  const ports = await operators.open()
  await jobs.reachable()
  const sealer = createSealer(config.MAIL_ENCRYPTION_SECRET.reveal(), "mail")

  const relay = createRelay({ database, databaseUrl: directUrlOf(config), jobs, logger })
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
    const sendMail = createSendMail({ claims, delivery, heartbeat, logger, record: operators.metrics.record })
    operators.metrics.watchSessions(lane, delivery.sessions)
    const worker = createMailWorker({ lane, jobs, sendMail, connections: config.MAIL_CONCURRENCY })
    return {
      async close() {
        await jobs.finish(worker)
        heartbeat.stop()
        delivery.close()
      },
    }
  })

  await jobs.ready()
  relay.start()
  sweeper.start()

  return {
    logger,
    ports,
    async stop() {
      await Promise.all([relay.stop(), sweeper.stop()])
      await Promise.all(workers.map((worker) => worker.close()))
      await jobs.close()
      await database.close()
      await ports.stop()
      await tracing.stop()
    },
  }
}

function transportsOf(config: Config): MailTransport[] {
  const dkim = dkimKeyOf(config)
  const urls = [config.SMTP_URL, config.SMTP_URL_FALLBACK].flatMap((url) => (url ? [url.reveal()] : []))
  return urls.map((url) =>
    url.startsWith("smtp")
      ? createSmtpTransport(url, { dkim, connections: config.MAIL_CONCURRENCY })
      : createHttpTransport(url),
  )
}
