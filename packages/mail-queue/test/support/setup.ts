import type { MailPayload } from "@gatepost/contracts"
import { openDatabase } from "@gatepost/postgres"
import { createLogger, createSealer } from "@gatepost/runtime"
import { testDatabase, testRedis } from "@gatepost/testkit"
import { createClaims, createJobs, createOutbox, type OutgoingMail } from "#src/index.js"

export const backends = ["postgres", "redis"] as const

export type Backend = (typeof backends)[number]

export const link = "https://app.example/verify/a-secret-token-nobody-may-see"

export const payload: MailPayload<"verify-email"> = {
  app: { name: "JobSwipe", from: "hello@jobswipe.example", color: "#2255cc" },
  link,
  expires_in_minutes: 60,
}

export const mail = (more: Partial<OutgoingMail> = {}): OutgoingMail =>
  ({
    kind: "verify-email",
    recipient: "jane@example.com",
    payload,
    expiresInSeconds: 3_600,
    ...more,
  }) as OutgoingMail

export interface MailRow {
  id: string
  state: string
  attempts: number
  requeues: number
  enqueued_at: Date | null
  not_before: Date
  updated_at: Date
  payload: Buffer | null
  last_error: string | null
  server_id: string | null
  message_id: string
  lane: string
}

/** A database, an outbox that writes as the auth service does, and claims as the worker has them. */
export async function setup() {
  const { urlOf, query, elapse, drop } = await testDatabase()
  const logger = createLogger("test", "silent")
  const open = (role: "gatepost_auth" | "gatepost_mail") =>
    openDatabase({ url: urlOf(role), applicationName: role, poolSize: 10 })
  const auth = open("gatepost_auth")
  const database = open("gatepost_mail")
  const sealer = createSealer("a secret of the tests, long enough", "mail")
  const outbox = createOutbox({ sealer, messageIdDomain: "mail.example.com" })

  return {
    auth,
    database,
    databaseUrl: urlOf("gatepost_mail"),
    logger,
    outbox,
    claims: createClaims({ database, sealer }),
    query,
    elapse,
    async enqueue(more: Partial<OutgoingMail> = {}): Promise<string> {
      const id = await auth.transaction((trx) => outbox.enqueue(trx, mail(more)))
      if (!id) throw new Error("nothing was enqueued")
      return id
    },
    async row(id: string): Promise<MailRow> {
      const [row] = await query<MailRow>("select * from mail.messages where id = ?", [id])
      if (!row) throw new Error(`no mail ${id}`)
      return row
    },
    async timeline(id: string): Promise<string[]> {
      const events = await query<{ to_state: string; detail: string | null }>(
        "select to_state, detail from mail.events where message_id = ? order by number",
        [id],
      )
      return events.map(({ to_state, detail }) => (detail ? `${to_state}: ${detail}` : to_state))
    },
    async close() {
      await auth.close()
      await database.close()
      await drop()
    },
  }
}

export type Setup = Awaited<ReturnType<typeof setup>>

/** The queue of one backend; pending where Redis isn't installed. */
export async function openJobs(test: { skip(): void }, backend: Backend, { databaseUrl, logger }: Setup) {
  const redisUrl = backend === "redis" ? await testRedis(test) : undefined
  return createJobs({ redisUrl, databaseUrl, logger })
}

export async function until(fulfilled: () => Promise<boolean>, timeoutMs = 8_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await fulfilled())) {
    if (Date.now() > deadline) throw new Error(`not fulfilled within ${timeoutMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
