import { createHealth, createMetrics, listenForOperators, type RunningServer } from "@gatepost/http"
import { type Jobs, MAIL_SCHEMA } from "@gatepost/mail-queue"
import { type Database, schemaCheck } from "@gatepost/postgres"
import { type Logger, packageVersion } from "@gatepost/runtime"
import { openAdminPort } from "./admin.js"
import type { Config } from "./config.js"
import { createMailMetrics, type MailMetrics } from "./mail-metrics.js"

export interface Operators {
  metrics: MailMetrics
  /** Opens METRICS_PORT and ADMIN_PORT, as far as they are set. */
  open(): Promise<OperatorPorts>
}

export interface OperatorPorts {
  metricsPort: number | undefined
  adminPort: number | undefined
  stop(): Promise<void>
}

/** All that is for operators: probes, metrics, the admin API and Bull Board. */
export function createOperators(parts: {
  config: Config
  database: Database
  jobs: Jobs
  logger: Logger
}): Operators {
  const { config, database } = parts
  const version = packageVersion(new URL("../package.json", import.meta.url))
  // Without SMTP the worker is still ready, since mails wait in their rows (R2).
  const health = createHealth({
    service: "mail-worker",
    version,
    required: { database: database.ping, schema: schemaCheck(database, MAIL_SCHEMA) },
  })
  const metrics = createMetrics("mail-worker")

  const openMetricsPort = async (): Promise<RunningServer | undefined> =>
    config.METRICS_PORT === undefined
      ? undefined
      : listenForOperators({ port: config.METRICS_PORT, host: config.HOST, health, metrics })

  return {
    metrics: createMailMetrics(metrics, database),
    async open() {
      const servers = [await openMetricsPort(), await openAdminPort({ ...parts, health, metrics })]
      return {
        metricsPort: servers[0]?.port,
        adminPort: servers[1]?.port,
        async stop() {
          await Promise.all(servers.map((server) => server?.stop()))
        },
      }
    },
  }
}
