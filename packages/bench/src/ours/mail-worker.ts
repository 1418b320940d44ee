import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { createOutbox } from "@gatepost/mail-queue"
import { openDatabase } from "@gatepost/postgres"
import { createSealer } from "@gatepost/runtime"
import type { Bench } from "../bench.js"
import { benchMail } from "../parts/bench-mail.js"
import { startNode } from "../processes/start-node.js"
import { MAIL_SECRET, workerSettings } from "./settings.js"

const SCRIPT = fileURLToPath(new URL("../../../../services/mail-worker/dist/main.js", import.meta.url))
const SETTLED_MS = 10_000
const POLL_MS = 20

/** The mail worker beside a service that writes mails in its transactions. */
export interface MailPipeline {
  pid: number
  /** Writes mails in one transaction; resolves when that is committed. */
  commit(count: number): Promise<void>
  /** Waits until every mail is known to have been sent. */
  settle(): Promise<void>
  stop(): Promise<void>
}

export async function startMailPipeline(
  bench: Bench,
  options: { database: string; smtpUrl: string; redisUrl?: string | undefined },
): Promise<MailPipeline> {
  const postgres = await bench.postgres()
  const { url, urlOf } = await postgres.createOurDatabase(options.database)
  const worker = await startNode({
    name: "mail worker",
    script: SCRIPT,
    env: workerSettings(urlOf("gatepost_mail"), options.smtpUrl, options.redisUrl),
  })
  const { db, transaction, close } = openDatabase({
    url,
    applicationName: "bench",
    poolSize: 1,
  })
  const outbox = createOutbox({
    sealer: createSealer(MAIL_SECRET, "mail"),
    messageIdDomain: "bench.example",
  })

  return {
    pid: worker.pid,
    commit: (count) =>
      transaction(async (trx) => {
        for (let sent = 0; sent < count; sent++) {
          const mail = { ...benchMail, recipient: `someone-${sent}@example.com`, expiresInSeconds: 3_600 }
          await outbox.enqueue(trx, mail)
        }
      }),
    async settle() {
      for (const deadline = Date.now() + SETTLED_MS; ; await sleep(POLL_MS)) {
        const { rows } = await db.raw("select count(*)::int as open from mail.messages where state <> 'sent'")
        if (rows[0].open === 0) return
        if (Date.now() > deadline) throw new Error(`${rows[0].open} mails were never marked as sent`)
      }
    },
    async stop() {
      await worker.stop()
      await close()
    },
  }
}
