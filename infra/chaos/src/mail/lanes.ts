import { setTimeout as sleep } from "node:timers/promises"
import { type Backend, openSite } from "@gatepost/fleet"
import { createOutbox } from "@gatepost/mail-queue"
import { openDatabase } from "@gatepost/postgres"
import { createSealer } from "@gatepost/runtime"
import { scriptedSmtp } from "@gatepost/testkit"
import { CHAOS_SECRET, chaosMail } from "./chaos-mail.js"
import { createWorker } from "./pipeline.js"

/** How long a code takes, in ms, while newsletters wait. */
export interface LaneLatency {
  backend: Backend
  bulk: number
  /** From its commit to the server's 250. */
  codes: number[]
  /** From its insert, a moment before the commit, to a worker's claim. */
  claims: number[]
}

const CLAIMED_AFTER = `
  select extract(epoch from claimed.at - queued.at)::float8 * 1000 as ms
  from mail.messages as message
  join mail.events as queued on queued.message_id = message.id and queued.to_state = 'queued'
  join mail.events as claimed on claimed.message_id = message.id and claimed.to_state = 'claimed'
  where message.lane = 'otp'`

const BATCH = 1_000
const CODES = 200
const PAUSE_MS = 50
const POLL_MS = 5

/** A backlog of newsletters is being sent; in the midst of it, one code after the other. */
export async function measureLanes(backend: Backend, bulk: number): Promise<LaneLatency> {
  const site = await openSite(backend)
  const arrivals = new Map<string, number>()
  const server = await scriptedSmtp({
    body(socket, mail) {
      socket.write("250 2.0.0 ok\r\n")
      const to = /^To: (code-.*)$/m.exec(mail)?.[1]
      if (to) arrivals.set(to, performance.now())
    },
  })
  const database = openDatabase({ url: site.databaseUrl(), applicationName: "chaos", poolSize: 1 })
  const sealer = createSealer(CHAOS_SECRET, "mail")
  const outbox = createOutbox({ sealer, messageIdDomain: "chaos.example" })
  const worker = createWorker(site, "worker", server.url)
  const post = { ...chaosMail, expiresInSeconds: 3_600 }

  try {
    for (let written = 0; written < bulk; written += BATCH) {
      await database.transaction(async (trx) => {
        for (let count = 0; count < BATCH; count++) {
          await outbox.enqueue(trx, { ...post, recipient: `news-${written + count}@example.com` })
        }
        // In the same transaction, so that nobody takes them for codes.
        await trx.raw("update mail.messages set lane = 'bulk', policy = 'once' where lane = 'otp'")
      })
    }
    await worker.start()
    await sleep(2_000)

    const codes: number[] = []
    for (let count = 0; count < CODES; count++) {
      const recipient = `code-${count}@example.com`
      await database.transaction((trx) => outbox.enqueue(trx, { ...post, recipient }))
      const committed = performance.now()
      while (!arrivals.has(recipient)) await sleep(POLL_MS)
      codes.push((arrivals.get(recipient) ?? 0) - committed)
      await sleep(PAUSE_MS)
    }
    const claimed = await site.query<{ ms: number }>(CLAIMED_AFTER)
    return { backend, bulk, codes, claims: claimed.map(({ ms }) => ms) }
  } finally {
    await worker.stop()
    await database.close()
    await server.close()
    await site.close()
  }
}
