-- A mail is a row first (DESIGN.md D9): written in the transaction of its cause, it can neither be lost
-- nor sent for something that was rolled back. What a queue knows is only a hint to look at this table.

create table mail.messages (
  id uuid,
  kind text not null,
  lane text not null,
  recipient text not null,
  locale text,
  payload bytea,
  message_id text not null,
  dedup_key text,
  state text not null default 'queued',
  attempts integer not null default 0,
  requeues integer not null default 0,
  claim_token uuid,
  not_before timestamptz not null default now(),
  expires_at timestamptz not null,
  enqueued_at timestamptz,
  sent_at timestamptz,
  server_id text,
  last_error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint messages_pkey primary key (id),
  constraint messages_message_id_key unique (message_id),
  constraint messages_dedup_key_key unique (dedup_key),
  constraint messages_lane_check check (lane in ('otp', 'transactional', 'bulk')),
  constraint messages_state_check
    check (state in ('queued', 'claimed', 'retry_wait', 'sent', 'failed_permanent', 'expired')),
  constraint messages_claim_token_check check ((state = 'claimed') = (claim_token is not null)),
  constraint messages_sent_at_check check ((state = 'sent') = (sent_at is not null)),
  -- Check 106: the secret goes as soon as nobody may need it; a refused mail keeps it until it expires,
  -- so that an operator can still send it.
  constraint messages_payload_check check (
    case
      when state in ('queued', 'claimed', 'retry_wait') then payload is not null
      when state in ('sent', 'expired') then payload is null
      else true
    end
  )
);

comment on column mail.messages.payload is 'sealed (AES-256-GCM), bound to the id';
comment on column mail.messages.requeues is 'how often the sweeper enqueued it anew since the last attempt';
comment on column mail.messages.updated_at is 'last sign of life: a worker renews it while it sends';

create index messages_due_idx on mail.messages (lane, not_before)
  where enqueued_at is null and state in ('queued', 'retry_wait');
create index messages_enqueued_idx on mail.messages (lane, enqueued_at)
  where enqueued_at is not null and state in ('queued', 'retry_wait');
create index messages_claimed_idx on mail.messages (updated_at) where state = 'claimed';
create index messages_expiry_idx on mail.messages (expires_at) where payload is not null;
create index messages_retention_idx on mail.messages (updated_at) where payload is null;

create table mail.events (
  message_id uuid not null,
  number bigint generated always as identity,
  at timestamptz not null default clock_timestamp(),
  from_state text,
  to_state text not null,
  detail text,

  constraint events_pkey primary key (message_id, number),
  constraint events_message_id_fkey foreign key (message_id) references mail.messages (id) on delete cascade
);

-- A trigger, so that no statement, not even an operator's, changes a state without leaving its event.
-- Runs as its owner: the services that insert mails may not touch the timeline.
create function mail.record_event() returns trigger
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

create trigger messages_record_event
  after insert or update of state on mail.messages
  for each row execute function mail.record_event();

-- The services write mails through this package; their roles may exist before their own schemas do.
do $$
declare service text;
begin
  foreach service in array array['gatepost_auth', 'gatepost_notifications'] loop
    begin
      -- An owner without the right to make roles may still migrate, where others made them.
      if not exists (select from pg_roles where rolname = service) then
        execute format('create role %I nologin', service);
      end if;
    exception when duplicate_object or unique_violation then null;
    end;
  end loop;
end $$;

grant usage on schema mail to gatepost_auth, gatepost_notifications;
grant insert (id, kind, lane, recipient, locale, payload, message_id, dedup_key, expires_at)
  on mail.messages to gatepost_auth, gatepost_notifications;
grant select, insert, update, delete on mail.messages to gatepost_mail;
grant select on mail.events to gatepost_mail;
