import type { Database } from "@gatepost/postgres"
import { createPulse, type Logger } from "@gatepost/runtime"

export interface Sweeper {
  start(): void
  stop(): Promise<void>
}

const MAX_INTERVAL_MS = 5_000
const BATCH = 500
const FORGET_BATCH = 1_000
// Per run, so that an old table that is cleared for the first time holds up no lost mail.
const MAX_FORGET_ROUNDS = 10

// Whatever the queue says of it: a mail that nobody took is due again. One that merely waits in a long queue
// is asked for ever more rarely, up to 64 times the limit, so that its jobs don't pile up.
const REQUEUE = `
  with lost as (
    select id from mail.messages
    where state in ('queued', 'retry_wait') and expires_at > now()
      and enqueued_at < now() - make_interval(secs => :stallSeconds * 2 ^ least(requeues, 6))
    limit :batch for update skip locked
  )
  update mail.messages as message
  set state = message.state, last_error = 'no worker took it',
      enqueued_at = null, requeues = requeues + 1, updated_at = now()
  from lost where message.id = lost.id`

const RELEASE = `
  with abandoned as (
    select id from mail.messages
    where state = 'claimed' and expires_at > now()
      and updated_at < now() - make_interval(secs => :stallSeconds)
    limit :batch for update skip locked
  )
  update mail.messages as message
  set state = 'retry_wait', last_error = 'the worker that had it shows no sign of life',
      claim_token = null, enqueued_at = null, requeues = requeues + 1, updated_at = now()
  from abandoned where message.id = abandoned.id`

// A claimed mail may be on its way at this instant, so it expires only with its worker gone.
const EXPIRE = `
  with dead as (
    select id from mail.messages
    where payload is not null and expires_at <= now() and (
      state in ('queued', 'retry_wait', 'failed_permanent')
      or state = 'claimed' and updated_at < now() - make_interval(secs => :stallSeconds)
    )
    limit :batch for update skip locked
  )
  update mail.messages as message
  set state = case state when 'failed_permanent' then state else 'expired' end,
      payload = null, claim_token = null, updated_at = now()
  from dead where message.id = dead.id`

// Without its payload a mail is at its end: sent, expired, or refused and past its time. Its events go with
// it, by their foreign key.
const FORGET = `
  with old as (
    select id from mail.messages
    where payload is null and updated_at < now() - make_interval(days => :retentionDays)
    order by updated_at
    limit :batch for update skip locked
  )
  delete from mail.messages as message using old where message.id = old.id`

/**
 * Makes the queue disposable: what was lost there is enqueued again from its row, and what is past its
 * time is never sent and loses its secret. What has been at its end for long is forgotten, address and all.
 *
 * @param options.stallSeconds how long a mail may stand still before it counts as lost
 * @param options.retentionDays how long a mail is kept once it is at its end
 */
export function createSweeper(options: {
  database: Database
  stallSeconds: number
  retentionDays: number
  logger: Logger
}): Sweeper {
  const { database, stallSeconds, retentionDays, logger } = options
  const intervalMs = Math.min(MAX_INTERVAL_MS, stallSeconds * 500)

  return createPulse({
    name: "mail sweeper",
    intervalMs,
    logger,
    async task() {
      const expired = await sweep(EXPIRE)
      const released = await sweep(RELEASE)
      const requeued = await sweep(REQUEUE)
      if (expired + released + requeued > 0) {
        logger.warn({ expired, released, requeued }, "mails stood still")
      }
      const forgotten = await forget()
      if (forgotten > 0) logger.info({ forgotten }, "old mails were deleted")
    },
  })

  async function sweep(statement: string): Promise<number> {
    let total = 0
    for (let count = BATCH; count === BATCH; total += count) {
      const { rowCount } = await database.db.raw(statement, { stallSeconds, batch: BATCH })
      count = rowCount
    }
    return total
  }

  async function forget(): Promise<number> {
    let total = 0
    for (let round = 0, count = FORGET_BATCH; round < MAX_FORGET_ROUNDS && count === FORGET_BATCH; round++) {
      const { rowCount } = await database.db.raw(FORGET, { retentionDays, batch: FORGET_BATCH })
      count = rowCount
      total += count
    }
    return total
  }
}
