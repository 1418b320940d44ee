import { lanes, queueName } from "@gatepost/contracts"
import type { Database } from "@gatepost/postgres"
import { createPulse, type Logger } from "@gatepost/runtime"
import { inTime } from "./in-time.js"
import type { Jobs } from "./jobs.js"
import * as sql from "./sweeper-statements.js"

export interface Sweeper {
  start(): void
  stop(): Promise<void>
}

/** How often a worker must call `Claims.renew` for what it has in hand. */
export const HEARTBEAT_MS = 1_000

const RELEASE_MS = 1_000
const TIDY_MS = 5_000
// What is forgotten is a month old by then, and nothing waits for it.
const FORGET_MS = 60_000
const BATCH = 500
const FORGET_BATCH = 1_000
// Per run, so that an old table that is cleared for the first time holds up no lost mail.
const MAX_FORGET_ROUNDS = 10
// Of missed heartbeats: a worker so silent is gone, or stuck.
const SILENT_SECONDS = 6
// For a row that was marked a moment ago, and a job that was counted a moment before.
const SETTLE_SECONDS = 2

const UNFINISHED = ["waiting", "active", "prioritized", "delayed"] as const

/**
 * Makes the queue disposable: what was lost there is enqueued again from its row, what a dead worker had in hand
 * goes on by its policy, and what is past its time is never sent and loses its secret. What has been at its end
 * for long is forgotten, address and all.
 *
 * @param options.jobs asked how many jobs there are: fewer than the rows that wait for one, and some were lost
 * @param options.stallSeconds how long a mail may wait in the queue before it counts as lost all the same
 * @param options.retentionDays how long a mail is kept once it is at its end
 */
export function createSweeper(options: {
  database: Database
  jobs: Jobs
  stallSeconds: number
  retentionDays: number
  logger: Logger
}): Sweeper {
  const { database, jobs, stallSeconds, retentionDays, logger } = options
  const queues = lanes.map((lane) => ({ lane, queue: jobs.queue(queueName(lane)) }))
  // While the database is away nobody can give a sign of life, so silence proves nothing for a while.
  let trustSilenceAt = 0

  const pulse = (name: string, interval: number, task: () => Promise<void>) =>
    createPulse({ name, intervalMs: interval, logger, task })
  const tidyMs = Math.min(TIDY_MS, stallSeconds * 500)
  // Each on its own, so that a queue that hangs holds up nothing that PostgreSQL can do alone.
  const pulses = [
    pulse("release of mails", RELEASE_MS, release),
    pulse("mail sweeper", tidyMs, tidy),
    pulse("forgetting of old mails", FORGET_MS, forget),
    pulse("search for lost mail jobs", tidyMs, requeueLost),
  ]

  return {
    start() {
      for (const each of pulses) each.start()
    },
    async stop() {
      await Promise.all(pulses.map((each) => each.stop()))
    },
  }

  async function release(): Promise<void> {
    try {
      const trusted = Date.now() >= trustSilenceAt
      const released = trusted ? await sweep(sql.RELEASE, { silentSeconds: SILENT_SECONDS }) : 0
      const uncertain = trusted ? await sweep(sql.SURRENDER, { silentSeconds: SILENT_SECONDS }) : 0
      const resent = await sweep(sql.RESOLVE, {})
      if (released + uncertain + resent > 0) {
        logger.warn({ released, uncertain, resent }, "workers died while they had mails")
      }
    } catch (cause) {
      trustSilenceAt = Date.now() + SILENT_SECONDS * 1_000
      throw cause
    }
  }

  async function tidy(): Promise<void> {
    const expired = await sweep(sql.EXPIRE, { silentSeconds: SILENT_SECONDS })
    const requeued = await sweep(sql.REQUEUE, { stallSeconds })
    if (expired + requeued > 0) logger.warn({ expired, requeued }, "mails stood still")
  }

  async function forget(): Promise<void> {
    const forgotten = await sweep(sql.FORGET, { retentionDays }, FORGET_BATCH, MAX_FORGET_ROUNDS)
    await sweep(sql.FORGET_SUPPRESSIONS, { retentionDays }, FORGET_BATCH, MAX_FORGET_ROUNDS)
    await sweep(sql.FORGET_SUPPRESSION_EVENTS, { retentionDays }, FORGET_BATCH, MAX_FORGET_ROUNDS)
    if (forgotten > 0) logger.info({ forgotten }, "old mails were deleted")
  }

  /** A queue that was flushed, or restarted with less than it had, knows fewer jobs than wait by the rows. */
  async function requeueLost(): Promise<void> {
    for (const { lane, queue } of queues) {
      const known = await inTime(queue.getJobCountByTypes(...UNFINISHED))
      const { rows } = await database.db.raw(sql.COUNT_ENQUEUED, { lane, settleSeconds: SETTLE_SECONDS })
      if (rows[0].count <= known) continue
      const requeued = await sweep(sql.REQUEUE_LANE, { lane, settleSeconds: SETTLE_SECONDS })
      logger.warn({ lane, requeued, known }, "the job queue lost mails")
    }
  }

  async function sweep(
    statement: string,
    bindings: Record<string, string | number>,
    batch = BATCH,
    maxRounds = Number.POSITIVE_INFINITY,
  ): Promise<number> {
    let total = 0
    for (let round = 0, count = batch; round < maxRounds && count === batch; round++, total += count) {
      const { rowCount } = await database.db.raw(statement, { ...bindings, batch })
      count = rowCount
    }
    return total
  }
}
