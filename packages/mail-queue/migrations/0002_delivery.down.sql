-- What the older version has no word for becomes the nearest that it has.

drop table mail.suppressions;

update mail.messages set state = 'claimed' where state = 'handing_off';
update mail.messages set state = 'retry_wait', claim_token = null, enqueued_at = null
  where state = 'uncertain' and policy = 'resend';
update mail.messages set state = 'failed_permanent', claim_token = null
  where state in ('uncertain', 'suppressed', 'dead', 'closed_uncertain');

create or replace function mail.record_event() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into mail.events (message_id, from_state, to_state, detail)
  values (
    new.id,
    case when tg_op = 'UPDATE' then old.state end,
    new.state,
    case new.state
      when 'claimed' then 'attempt ' || new.attempts
      when 'sent' then new.server_id
      else new.last_error
    end
  );
  if tg_op = 'INSERT' then
    perform pg_notify('mail_queued', '');
  end if;
  return null;
end $$;

drop index mail.messages_in_hand_idx;
drop index mail.messages_uncertain_idx;
drop index mail.messages_dedup_key_key;
create index messages_claimed_idx on mail.messages (updated_at) where state = 'claimed';

alter table mail.messages
  drop constraint messages_payload_check,
  drop constraint messages_claim_token_check,
  drop constraint messages_state_check,
  drop constraint messages_policy_check,
  drop column policy,
  drop column transport,
  drop column idempotent,
  drop column bound_to,
  drop column handed_off_at,
  drop column doubts,
  drop column stalls,
  add constraint messages_message_id_key unique (message_id),
  add constraint messages_dedup_key_key unique (dedup_key),
  add constraint messages_state_check
    check (state in ('queued', 'claimed', 'retry_wait', 'sent', 'failed_permanent', 'expired')),
  add constraint messages_claim_token_check check ((state = 'claimed') = (claim_token is not null)),
  add constraint messages_payload_check check (
    case
      when state in ('queued', 'claimed', 'retry_wait') then payload is not null
      when state in ('sent', 'expired') then payload is null
      else true
    end
  );
