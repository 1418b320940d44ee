import { queueName } from "@gatepost/contracts"
import { createJobs, createOutbox, type OutgoingMail } from "@gatepost/mail-queue"
import { openDatabase } from "@gatepost/postgres"
import { createLogger, createSealer } from "@gatepost/runtime"
import { type SmtpSink, smtpSink, testDatabase, testRedis } from "@gatepost/testkit"
import { readConfig } from "#src/config.js"
import { startMailWorker } from "#src/wiring.js"

export const backends = ["postgres", "redis"] as const

export type Backend = (typeof backends)[number]

export const secret = "a-token-nobody-but-the-recipient-may-see"

export const app = { name: "JobSwipe", from: "hello@jobswipe.example", color: "#2255cc" }

export const mail = (more: Partial<OutgoingMail> = {}): OutgoingMail =>
  ({
    kind: "verify-email",
    recipient: "jane@example.com",
    payload: {
      app,
      greeting_name: "Jane",
      link: `https://app.example/verify/${secret}`,
      expires_in_minutes: 60,
    },
    expiresInSeconds: 3_600,
    ...more,
  }) as OutgoingMail

export interface MailRow {
  id: string
  state: string
  attempts: number
  payload: Buffer | null
  last_error: string | null
  message_id: string
  server_id: string | null
  created_at: Date
}

const ENCRYPTION_SECRET = "0123456789 abcdefghij klmnopqrst uvwxyz"

/** A whole post office: database, queue, outbox, SMTP server; workers are started by the test. */
export async function setup(test: { skip(): void }, backend: Backend) {
  const redisUrl = backend === "redis" ? await testRedis(test) : undefined
  const { urlOf, database, query, elapse, drop } = await testDatabase()
  const sink: SmtpSink = await smtpSink()
  const auth = openDatabase({ url: urlOf("gatepost_auth"), applicationName: "auth", poolSize: 4 })
  const sealer = createSealer(ENCRYPTION_SECRET, "mail")
  const outbox = createOutbox({ sealer, messageIdDomain: "mail.example.com" })
  const env = {
    DATABASE_URL: urlOf("gatepost_mail"),
    ...(redisUrl && { REDIS_URL: redisUrl }),
    SMTP_URL: sink.url,
    MAIL_ENCRYPTION_SECRET: ENCRYPTION_SECRET,
    LOG_LEVEL: "silent",
  }
  const workers: { stop(): Promise<void> }[] = []

  return {
    auth,
    database,
    outbox,
    sink,
    query,
    elapse,
    redisUrl,
    env,
    async enqueue(more: Partial<OutgoingMail> = {}): Promise<string> {
      const id = await auth.transaction((trx) => outbox.enqueue(trx, mail(more)))
      if (!id) throw new Error("nothing was enqueued")
      return id
    },
    /** One that is never sent again by itself. */
    async enqueueOnce(more: Partial<OutgoingMail> = {}): Promise<string> {
      return database.transaction(async (trx) => {
        const id = (await outbox.enqueue(trx, mail(more))) as string
        await trx.raw("update mail.messages set policy = 'once' where id = ?", [id])
        return id
      })
    },
    /** Seals what the outbox would refuse, into the row of a sound mail. */
    async forge(id: string, payload: unknown): Promise<void> {
      const sealed = sealer.seal(JSON.stringify(payload), id)
      await query("update mail.messages set payload = ? where id = ?", [sealed, id])
    },
    async work(more: Record<string, string> = {}) {
      const { stop, ports } = await startMailWorker(readConfig({ ...env, ...more }))
      let stopped: Promise<void> | undefined
      const worker = { metricsPort: ports.metricsPort, stop: () => (stopped ??= stop()) }
      workers.push(worker)
      return worker
    },
    /** Puts a job for a mail into its queue, as a queue does that forgot having done so. */
    async addJob(id: string): Promise<void> {
      const logger = createLogger("test", "silent")
      const jobs = createJobs({ redisUrl, databaseUrl: env.DATABASE_URL, logger })
      await jobs.queue(queueName("otp")).add("mail", { id })
      await jobs.close()
    },
    async row(id: string): Promise<MailRow> {
      const [row] = await query<MailRow>("select * from mail.messages where id = ?", [id])
      if (!row) throw new Error(`no mail ${id}`)
      return row
    },
    async settled(id: string, state: string): Promise<MailRow> {
      await until(async () => (await this.row(id)).state === state, `the mail ${id} is ${state}`)
      return this.row(id)
    },
    async close() {
      sink.accept()
      await Promise.all(workers.map((worker) => worker.stop()))
      await auth.close()
      await sink.close()
      await drop()
    },
  }
}

export type PostOffice = Awaited<ReturnType<typeof setup>>

export async function until(
  fulfilled: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 12_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await fulfilled())) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
