import { fileURLToPath } from "node:url"
import type { Bench } from "../bench.js"
import { type Mailer, mailSubject } from "../mail-subject.js"
import { startMailPipeline } from "../ours/mail-worker.js"
import type { MailSink } from "../parts/mail-sink.js"
import { hasRedis } from "../parts/redis.js"
import { createCaller } from "../processes/calls.js"
import { startNode } from "../processes/start-node.js"
import type { Scenario } from "../scenario.js"

const NODEMAILER = fileURLToPath(new URL("../floors/nodemailer-pool.js", import.meta.url))

export const mailScenario = (): Scenario => ({
  name: "mail",
  title: "Mail",
  unit: "mails",
  subjects: [
    mailSubject("mail by Postgres", (bench, sink) => startOurs(bench, sink, "mail_by_postgres")),
    ...(hasRedis() ? [mailSubject("mail by Redis", startOursOnRedis)] : []),
    mailSubject("nodemailer", startNodemailer),
  ],
  comparisons: [
    { subject: "mail by Postgres", against: "nodemailer", by: "throughput", reach: 0.45 },
    { subject: "mail by Redis", against: "nodemailer", by: "throughput", reach: 0.6 },
  ],
})

async function startOursOnRedis(bench: Bench, sink: MailSink): Promise<Mailer> {
  const { url } = await bench.redis()
  return startOurs(bench, sink, "mail_by_redis", url)
}

async function startOurs(
  bench: Bench,
  { host, port }: MailSink,
  database: string,
  redisUrl?: string,
): Promise<Mailer> {
  const pipeline = await startMailPipeline(bench, { database, smtpUrl: `smtp://${host}:${port}`, redisUrl })
  return { ...pipeline, handOver: pipeline.commit }
}

async function startNodemailer(_bench: Bench, { host, port }: MailSink): Promise<Mailer> {
  const { child, pid, stop } = await startNode({
    name: "nodemailer",
    script: NODEMAILER,
    args: [host, String(port)],
  })
  const call = createCaller(child)
  let sending = Promise.resolve()
  return {
    pid,
    stop,
    async handOver(count) {
      sending = call<void>("send", count)
      // Looked at in `settle`, which comes only when all have arrived.
      sending.catch(() => {})
    },
    settle: () => sending,
  }
}
