/** How many workers in a row may die with a mail before it is taken for what kills them. */
export const MAX_STALLS = 10

/** How long an address that bounced gets nothing. */
const BOUNCE_DAYS = 30

// For those changes that a crash of PostgreSQL may take back without harm: a claim that is forgotten fences its
// worker off, and a sign of life is soon given again. The others wait for the disk.
const NOT_DURABLE = "(select set_config('synchronous_commit', 'off', true)) as not_durable"

const HELD = "where id = $1 and claim_token = $2"

/** The end of a mail that is not sent now: what may have arrived earlier is never said not to have been. */
export const endedAs = (state: string) => `case when doubts = 0 then '${state}' else 'closed_uncertain' end`

// Every statement names the states it may start from and the claim's token: that is the fence.
export const CLAIM = `
  update mail.messages as message
  set (state, claim_token, last_error) = (
        select case when address is null then 'claimed' else 'suppressed' end,
               case when address is null then wanted.token end,
               'the address gets no mail: ' || reason
        from (values (1)) as one_row
        left join mail.suppressions on address = lower(message.recipient)
          and (suppressions.expires_at is null or suppressions.expires_at > now())
      ),
      attempts = attempts + 1, requeues = 0,
      stalls = case when state = 'claimed' then stalls + 1 else stalls end,
      enqueued_at = coalesce(enqueued_at, now()), updated_at = now()
  from unnest($1::uuid[], $2::uuid[], $3::boolean[]) as wanted (id, token, take_over), ${NOT_DURABLE}
  where message.id = wanted.id
    and (state in ('queued', 'retry_wait') or state = 'claimed' and take_over)
    and stalls < ${MAX_STALLS} and not_before <= now() and expires_at > now()
  returning message.id, claim_token as token, kind, lane, policy, recipient, locale,
            message_id as "messageId", created_at as "createdAt", attempts as attempt, payload,
            bound_to as "boundTo"`

// Again for the same claim where the first connection took nothing of it.
export const HAND_OFF = `
  update mail.messages as message
  set state = 'handing_off', handed_off_at = now(), transport = mark.transport, idempotent = mark.idempotent,
      updated_at = now()
  from unnest($1::uuid[], $2::uuid[], $3::text[], $4::boolean[]) as mark (id, token, transport, idempotent)
  where message.id = mark.id and claim_token = mark.token and state in ('claimed', 'handing_off')
    and expires_at > now()
  returning mark.token`

export const MARK_SENT = `
  update mail.messages as message
  set state = 'sent', claim_token = null, payload = null, sent_at = now(), server_id = mark.server_id,
      last_error = null, updated_at = now()
  from unnest($1::uuid[], $2::uuid[], $3::text[]) as mark (id, token, server_id)
  where message.id = mark.id and claim_token = mark.token and state in ('handing_off', 'uncertain')
  returning mark.token`

export const RENEW = `
  update mail.messages as message
  set updated_at = now()
  from unnest($1::uuid[], $2::uuid[]) as held (id, token), ${NOT_DURABLE}
  where message.id = held.id and claim_token = held.token and state in ('claimed', 'handing_off')`

export const MARK_RETRY = `
  update mail.messages
  set state = 'retry_wait', claim_token = null, enqueued_at = null, last_error = $3, stalls = 0,
      not_before = now() + make_interval(secs => $4), updated_at = now()
  ${HELD} and state in ('claimed', 'handing_off', 'uncertain') returning id`

export const MARK_FAILED = `
  with failed as (
    update mail.messages
    set state = ${endedAs("failed_permanent")}, claim_token = null, last_error = $3, updated_at = now()
    ${HELD} and state in ('claimed', 'handing_off', 'uncertain') returning id, recipient
  ), bounced as (
    insert into mail.suppressions as earlier (address, reason, detail, expires_at)
    select lower(recipient), 'bounce', $3, now() + interval '${BOUNCE_DAYS} days' from failed where $4
    on conflict (address) do update
      set detail = excluded.detail, expires_at = excluded.expires_at
      where earlier.reason = 'bounce'
  )
  select id from failed`

// Such a transport may be given the mail again, but no other.
const IN_DOUBT = "doubts = doubts + 1, bound_to = case when idempotent then transport else bound_to end"

export const MARK_UNCERTAIN = `
  update mail.messages set state = 'uncertain', last_error = $3, ${IN_DOUBT}, updated_at = now()
  ${HELD} and state = 'handing_off' returning id`

export const MARK_EXPIRED = `
  update mail.messages
  set state = ${endedAs("expired")}, claim_token = null, payload = null, updated_at = now()
  ${HELD} and state in ('claimed', 'handing_off') and expires_at <= now() returning id`

/** What a mail becomes whose worker is gone after the hand-over. */
export const ABANDONED = `
  state = 'uncertain', last_error = 'its worker died while handing it over', ${IN_DOUBT},
  updated_at = now()`

// For a mail whose worker is known to be gone or stuck, and shows no sign of life of its own.
export const SURRENDER = `
  update mail.messages as message set ${ABANDONED}
  where id = $1 and state = 'handing_off' and updated_at < now() - interval '3 seconds' returning id`

/** A server that takes a mail and never says so gets it this often, and no more. */
const MAX_RESENDS = 5

// Providers remember a key for a day.
export const MAY_BE_RESENT = `(
    policy = 'resend' and doubts <= ${MAX_RESENDS}
    or bound_to is not null and handed_off_at > now() - interval '20 hours'
  ) and expires_at > now()`

/** By the policy: a mail that may be sent twice is sent again, whoever had it is fenced off by that. */
export const resolveUncertain = (which: string) => `
  update mail.messages as message
  set state = 'retry_wait', claim_token = null, enqueued_at = null, updated_at = now(),
      -- At once, after 2 seconds, 6, 14, 30 …
      not_before = now() + make_interval(secs => 2 ^ least(doubts, 8) - 2)
  where ${which} and state = 'uncertain' and ${MAY_BE_RESENT}`
