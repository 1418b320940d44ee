-- What can be known of a mail once a server has begun to read it: marked before its body leaves, then sent, or
-- uncertain. And addresses that get nothing any more.

alter table mail.messages
  add column policy text not null default 'resend',
  add column transport text,
  add column idempotent boolean not null default false,
  add column bound_to text,
  add column handed_off_at timestamptz,
  add column doubts integer not null default 0,
  add column stalls integer not null default 0,
  drop constraint messages_state_check,
  drop constraint messages_claim_token_check,
  drop constraint messages_payload_check,
  -- It holds the id, so it is as unique as that, and one index less is written with every change of state.
  drop constraint messages_message_id_key,
  drop constraint messages_dedup_key_key,
  add constraint messages_policy_check check (policy in ('resend', 'once')),
  add constraint messages_state_check check (state in (
    'queued', 'claimed', 'handing_off', 'retry_wait', 'uncertain',
    'sent', 'failed_permanent', 'suppressed', 'expired', 'dead', 'closed_uncertain'
  )),
  -- An uncertain mail keeps the token: whoever handed it over may still learn, and say, what became of it.
  add constraint messages_claim_token_check check (
    case
      when state in ('claimed', 'handing_off') then claim_token is not null
      else claim_token is null or state = 'uncertain'
    end
  ),
  -- Check 106: the secret goes as soon as nobody may need it; what was not sent keeps it until it expires, so
  -- that an operator can still send it.
  add constraint messages_payload_check check (
    case
      when state in ('queued', 'claimed', 'handing_off', 'retry_wait', 'uncertain') then payload is not null
      when state in ('sent', 'expired') then payload is null
      else true
    end
  );

comment on column mail.messages.policy is 'what becomes of it when nobody can know whether it arrived';
comment on column mail.messages.transport is 'the last one it was handed to';
comment on column mail.messages.idempotent is 'whether that transport drops a second copy by itself';
comment on column mail.messages.bound_to is 'a transport that may have it already, and drops a second copy';
comment on column mail.messages.doubts is 'how often it became uncertain whether it was sent';
comment on column mail.messages.stalls is 'how many workers in a row died while they had it';

create unique index messages_dedup_key_key on mail.messages (dedup_key) where dedup_key is not null;

drop index mail.messages_claimed_idx;
create index messages_in_hand_idx on mail.messages (updated_at) where state in ('claimed', 'handing_off');
create index messages_uncertain_idx on mail.messages (updated_at) where state = 'uncertain';

create table mail.suppressions (
  address text,
  reason text not null,
  detail text,
  expires_at timestamptz,
  created_at timestamptz not null default now(),

  constraint suppressions_pkey primary key (address),
  constraint suppressions_address_check check (address = lower(address)),
  constraint suppressions_reason_check check (reason in ('bounce', 'operator'))
);

comment on table mail.suppressions is 'addresses, in lower case, that get no mail';

-- The lane in the notification wakes the one relay that has something to do.
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
      when 'handing_off' then new.transport
      when 'sent' then new.server_id
      else new.last_error
    end
  );
  if tg_op = 'INSERT' then
    perform pg_notify('mail_queued', new.lane);
  end if;
  return null;
end $$;

grant insert (policy) on mail.messages to gatepost_auth, gatepost_notifications;
grant select, insert, update, delete on mail.suppressions to gatepost_mail;
