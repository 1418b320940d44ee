import { type Lane, lanes, queueName } from "@gatepost/contracts"
import { type Database, type Listener, listen, prepared } from "@gatepost/postgres"
import { createPulse, type Logger } from "@gatepost/runtime"
import { inTime } from "./in-time.js"
import type { Jobs } from "./jobs.js"
import { type JobTelemetry, traceRelay } from "./trace-relay.js"

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

// One relay at a time moves a lane. Should it freeze, the server ends its session, and the lock with it.
const TAKE_TURN = `
  select set_config('idle_in_transaction_session_timeout', '3s', true),
         pg_try_advisory_xact_lock(hashtext('gatepost mail relay'), hashtext($1)) as ours`

// Chosen by state, never by an id above the last one seen: ids are not in the order of commits. The rows stay
// unlocked, so that a worker may claim one before the whole batch is stored.
const FIND_DUE = `
  select id, attempts, requeues, traceparent from mail.messages
  where lane = $1 and enqueued_at is null and state in ('queued', 'retry_wait')
    and not_before <= now() and expires_at > now()
  order by not_before
  limit (
    select least(${BATCH}, greatest(0, ${MAX_ENQUEUED} - count(*))) from mail.messages
    where lane = $1 and enqueued_at is not null and state in ('queued', 'retry_wait')
  )`

// Not where a worker has had it meanwhile: that one has marked it itself, or made another attempt of it.
const MARK_ENQUEUED = `
  update mail.messages as message set enqueued_at = now()
  from (
    select id from mail.messages
    join unnest($1::uuid[], $2::integer[]) as added (id, attempts) using (id, attempts)
    where enqueued_at is null for update skip locked
  ) as still
  where message.id = still.id`

interface DueRow {
  id: string
  attempts: number
  requeues: number
  traceparent: string | null
}

/**
 * Moves mails from their table to BullMQ: woken by the insert's NOTIFY, and each second in any case. A lane
 * never waits for another.
 *
 * A batch is marked when its jobs are stored. Dying in between adds the same jobs again, and BullMQ drops a job
 * whose id it has.
 */
export function createRelay(options: {
  database: Database
  databaseUrl: string
  jobs: Jobs
  logger: Logger
}): Relay {
  const { database, jobs, logger } = options
  const pulses = new Map(
    lanes.map((lane) => {
      const queue = jobs.queue<MailJob>(queueName(lane))
      const task = async () => {
        while ((await moveBatch(lane, queue)) === BATCH);
      }
      return [
        lane as string,
        createPulse({ name: `relay of ${lane} mails`, intervalMs: POLL_MS, logger, task }),
      ]
    }),
  )
  const wake = (lane: string | undefined) => {
    const woken = lane ? pulses.get(lane) : undefined
    for (const pulse of woken ? [woken] : pulses.values()) pulse.wake()
  }
  let listener: Listener | undefined

  return {
    start() {
      listener ??= listen(options.databaseUrl, "mail_queued", wake, logger)
      for (const pulse of pulses.values()) pulse.start()
    },
    async stop() {
      await listener?.close()
      await Promise.all([...pulses.values()].map((pulse) => pulse.stop()))
    },
  }

  async function moveBatch(lane: Lane, queue: MailQueue): Promise<number> {
    return database.transaction(async (trx) => {
      const run = <Row extends object>(name: string, text: string, values: unknown[]) =>
        prepared<Row>(trx, { name: `mail_relay_${name}`, text, values })
      const [turn] = await run<{ ours: boolean }>("turn", TAKE_TURN, [lane])
      if (!turn?.ours) return 0
      const due = await run<DueRow>("due", FIND_DUE, [lane])
      if (due.length === 0) return 0

      const traceparents = due.map((row) => row.traceparent)
      await traceRelay(queueName(lane), traceparents, async (telemetry) => {
        await inTime(queue.addBulk(due.map((row, index) => toJob(row, telemetry[index]))))
        const attempts = due.map((row) => row.attempts)
        await run("enqueued", MARK_ENQUEUED, [due.map(({ id }) => id), attempts])
      })
      return due.length
    })
  }
}

type MailQueue = ReturnType<Jobs["queue"]>

function toJob({ id, attempts, requeues }: DueRow, telemetry: JobTelemetry) {
  // The numbers change with each attempt and each requeue: what BullMQ still knows of an earlier job of
  // this mail, finished or half lost, never swallows the next one.
  const jobId = `${id}-${attempts}-${requeues}`
  // The row is the truth and its claim a compare-and-set, so BullMQ need not remember finished jobs, and
  // retries are new jobs, made when the row is due.
  return {
    name: "mail",
    data: { id },
    opts: { jobId, attempts: 1, removeOnComplete: true, ...(telemetry && { telemetry }) },
  }
}
