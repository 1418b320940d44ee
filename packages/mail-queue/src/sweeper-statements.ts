import { ABANDONED, endedAs, MAX_STALLS, MAY_BE_RESENT, resolveUncertain } from "./claim-statements.js"

// Whatever the queue says of it: a mail that nobody took is due again. One that merely waits in a long queue
// is asked for ever more rarely, up to 64 times the limit, so that its jobs don't pile up.
export const REQUEUE = `
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

export const COUNT_ENQUEUED = `
  select count(*)::integer as count from mail.messages
  where lane = :lane and state in ('queued', 'retry_wait') and expires_at > now()
    and enqueued_at < now() - make_interval(secs => :settleSeconds)`

export const REQUEUE_LANE = `
  with lost as (
    select id from mail.messages
    where lane = :lane and state in ('queued', 'retry_wait') and expires_at > now()
      and enqueued_at < now() - make_interval(secs => :settleSeconds)
    limit :batch for update skip locked
  )
  update mail.messages as message
  set state = message.state, last_error = 'the queue lost it',
      enqueued_at = null, requeues = requeues + 1, updated_at = now()
  from lost where message.id = lost.id`

// A server that was down took no sign of life; the claims were silent for it.
const SILENT = `updated_at < now() - make_interval(secs => :silentSeconds)
      and pg_postmaster_start_time() < now() - make_interval(secs => :silentSeconds)`

// Nothing of it has left, so it is simply due again; but a mail that takes every worker down with it is not.
export const RELEASE = `
  with abandoned as (
    select id from mail.messages
    where state = 'claimed' and expires_at > now() and ${SILENT}
    limit :batch for update skip locked
  )
  update mail.messages as message
  set state = case when stalls + 1 < ${MAX_STALLS} then 'retry_wait' else 'dead' end, stalls = stalls + 1,
      last_error = 'the worker that had it shows no sign of life',
      claim_token = null, enqueued_at = null, requeues = requeues + 1, updated_at = now()
  from abandoned where message.id = abandoned.id`

export const SURRENDER = `
  with abandoned as (
    select id from mail.messages
    where state = 'handing_off' and ${SILENT}
    limit :batch for update skip locked
  )
  update mail.messages as message set ${ABANDONED}
  from abandoned where message.id = abandoned.id`

// Left over where a worker died between the two steps.
export const RESOLVE = `${resolveUncertain(`id in (
    select id from mail.messages
    where state = 'uncertain' and ${MAY_BE_RESENT}
    limit :batch for update skip locked
  )`)}`

// A mail in hand may be on its way at this instant, so it expires only with its worker gone; what was handed
// over and never answered stays uncertain for good.
export const EXPIRE = `
  with dead as (
    select id from mail.messages
    where payload is not null and expires_at <= now() and (
      state not in ('claimed', 'handing_off')
      or state = 'claimed' and updated_at < now() - make_interval(secs => :silentSeconds)
    )
    limit :batch for update skip locked
  )
  update mail.messages as message
  set state = case
        when state in ('queued', 'retry_wait', 'claimed', 'uncertain') then ${endedAs("expired")}
        else state
      end,
      payload = null, claim_token = null, updated_at = now()
  from dead where message.id = dead.id`

// Without its payload a mail is at its end. Its events go with it, by their foreign key.
export const FORGET = `
  with old as (
    select id from mail.messages
    where payload is null and updated_at < now() - make_interval(days => :retentionDays)
    order by updated_at
    limit :batch for update skip locked
  )
  delete from mail.messages as message using old where message.id = old.id`

// Of a bounce that was long ago; those of an operator end by hand alone.
export const FORGET_SUPPRESSIONS = `
  delete from mail.suppressions where address = any(array(
    select address from mail.suppressions
    where expires_at < now() - make_interval(days => :retentionDays)
    order by expires_at
    limit :batch for update skip locked
  ))`

export const FORGET_SUPPRESSION_EVENTS = `
  delete from mail.suppression_events where ctid = any(array(
    select ctid from mail.suppression_events
    where at < now() - make_interval(days => :retentionDays)
      and (select true from mail.suppressions s where s.address = suppression_events.address) is null
    order by at limit :batch
  ))`
