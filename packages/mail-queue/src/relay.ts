import { type Lane, lanes, queueName } from "@gatepost/contracts"
import { type Database, type Listener, listen } from "@gatepost/postgres"
import { createPulse, type Logger } from "@gatepost/runtime"
import type { Jobs } from "./jobs.js"

/** Check 106: a job carries the row's id and nothing else. */
export interface MailJob {
  id: string
}

export interface Relay {
  start(): void
  /** Finishes the batch under way. */
  stop(): Promise<void>
}

const POLL_MS = 1_000
const BATCH = 500
// A backlog stays in PostgreSQL, where it costs nothing: a queue holds what workers take in about two
// seconds, so neither its memory nor the sweeper's work grows with the backlog.
const MAX_ENQUEUED = 2_000
const ADD_TIMEOUT_MS = 5_000

// Waiting lanes don't hold each other up, and several relays don't meet: each skips what another has locked.
// Chosen by state, never by an id above the last one seen: ids are not in the order of commits.
const LOCK_DUE = `
  select id, attempts, requeues from mail.messages
  where lane = :lane and enqueued_at is null and state in ('queued', 'retry_wait')
    and not_before <= now() and expires_at > now()
  order by not_before
  limit (
    select least(:batch, greatest(0, :maxEnqueued - count(*))) from mail.messages
    where lane = :lane and enqueued_at is not null and state in ('queued', 'retry_wait')
  )
  for update skip locked`

interface DueRow {
  id: string
  attempts: number
  requeues: number
}

/**
 * Moves mails from their table to BullMQ: woken by the insert's NOTIFY, and each second in any case.
 *
 * The rows stay locked until their jobs are stored. Dying in between adds the same jobs again, and
 * BullMQ drops a job whose id it has.
 */
export function createRelay(options: {
  database: Database
  databaseUrl: string
  jobs: Jobs
  logger: Logger
}): Relay {
  const { database, jobs, logger } = options
  const queues = new Map(lanes.map((lane) => [lane, jobs.queue<MailJob>(queueName(lane))]))
  const pulse = createPulse({ name: "mail relay", intervalMs: POLL_MS, logger, task: moveAll })
  let listener: Listener | undefined

  return {
    start() {
      listener ??= listen(options.databaseUrl, "mail_queued", pulse.wake, logger)
      pulse.start()
    },
    async stop() {
      await listener?.close()
      await pulse.stop()
    },
  }

  async function moveAll(): Promise<void> {
    for (const lane of lanes) {
      try {
        while ((await moveBatch(lane)) === BATCH);
      } catch (cause) {
        logger.warn({ err: cause, lane }, "the mail relay failed with one lane, and will try again")
      }
    }
  }

  async function moveBatch(lane: Lane): Promise<number> {
    return database.transaction(async (trx) => {
      const { rows } = await trx.raw<{ rows: DueRow[] }>(LOCK_DUE, {
        lane,
        batch: BATCH,
        maxEnqueued: MAX_ENQUEUED,
      })
      if (rows.length === 0) return 0

      await inTime(queues.get(lane)?.addBulk(rows.map(toJob)))
      await trx.raw("update mail.messages set enqueued_at = now() where id = any(:ids)", {
        ids: rows.map((row) => row.id),
      })
      return rows.length
    })
  }
}

function toJob({ id, attempts, requeues }: DueRow) {
  // The numbers change with each attempt and each requeue: what BullMQ still knows of an earlier job of
  // this mail, finished or half lost, never swallows the next one.
  const jobId = `${id}-${attempts}-${requeues}`
  // The row is the truth and its claim a compare-and-set, so BullMQ need not remember finished jobs, and
  // retries are new jobs, made when the row is due.
  return { name: "mail", data: { id }, opts: { jobId, attempts: 1, removeOnComplete: true } }
}

/** A queue that can't be reached must not hold the rows' locks. */
async function inTime(work: Promise<unknown> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the job queue did not answer in time")), ADD_TIMEOUT_MS)
  })
  await Promise.race([work, timeout]).finally(() => clearTimeout(timer))
}
