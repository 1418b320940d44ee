-- What happens to users and sessions, for other backends to follow (ADR 34): rows come from triggers, in the
-- transaction of what they tell of, whatever part of the service does it. They hold ids and nothing personal, so
-- that nothing has to be forgotten with an account.
create table auth.events (
  -- `webhook-id`, the same at each try.
  id uuid not null default gen_random_uuid(),
  number bigint not null generated always as identity,
  -- Its place in the feed, given after the commit, as that of a revocation is (0011).
  seq bigint,
  type text not null,
  account_id uuid not null,
  session_id uuid,
  -- What was changed, or why.
  detail text[] not null default '{}',
  created_at timestamptz not null default clock_timestamp(),
  constraint events_pkey primary key (id),
  constraint events_seq_key unique (seq)
);
create index events_unpublished_idx on auth.events (number) where seq is null;
create index events_created_at_idx on auth.events (created_at);

create table auth.webhooks (
  id uuid not null,
  url text not null,
  event_types text[] not null,
  secret_sealed bytea not null,
  -- Signs as well, for a while after a rotation.
  former_secret_sealed bytea,
  former_until timestamptz,
  created_at timestamptz not null default now(),
  -- Its receiver said that it is gone.
  disabled_at timestamptz,
  constraint webhooks_pkey primary key (id),
  constraint webhooks_former_check check ((former_secret_sealed is null) = (former_until is null))
);

create table auth.webhook_deliveries (
  id uuid not null default gen_random_uuid(),
  webhook_id uuid not null,
  event_id uuid not null,
  created_at timestamptz not null default clock_timestamp(),
  -- While somebody is at it, when others may take it over.
  due_at timestamptz not null default clock_timestamp(),
  tries integer not null default 0,
  refusals integer not null default 0,
  last_answer text,
  ended_at timestamptz,
  outcome text,
  constraint webhook_deliveries_pkey primary key (id),
  constraint webhook_deliveries_event_key unique (webhook_id, event_id),
  constraint webhook_deliveries_webhook_id_fkey foreign key (webhook_id) references auth.webhooks (id) on delete cascade,
  constraint webhook_deliveries_event_id_fkey foreign key (event_id) references auth.events (id) on delete cascade,
  constraint webhook_deliveries_outcome_check check (outcome in ('delivered', 'refused', 'expired')),
  constraint webhook_deliveries_ended_check check ((ended_at is null) = (outcome is null))
);
create index webhook_deliveries_due_idx on auth.webhook_deliveries (webhook_id, due_at) where ended_at is null;
create index webhook_deliveries_event_id_idx on auth.webhook_deliveries (event_id);

create function auth.record_event(type text, account_id uuid, session_id uuid, detail text[]) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  event uuid;
begin
  insert into auth.events (type, account_id, session_id, detail) values ($1, $2, $3, $4) returning id into event;
  insert into auth.webhook_deliveries (webhook_id, event_id)
  select w.id, event from auth.webhooks w where w.disabled_at is null and $1 = any(w.event_types);
  if found then
    perform pg_notify('webhooks', '');
  end if;
end $$;

create function auth.record_account_event() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
declare
  changed text[];
begin
  if tg_op = 'INSERT' then
    perform auth.record_event('user.created', new.id, null, '{}');
  elsif tg_op = 'DELETE' then
    perform auth.record_event('user.deleted', old.id, null, '{}');
  else
    changed := array_remove(array[
      case when old.email <> new.email then 'email' end,
      case when (old.email_verified_at is null) <> (new.email_verified_at is null) then 'email_verified' end,
      case when old.name is distinct from new.name then 'name' end,
      case when old.locale is distinct from new.locale then 'locale' end
    ], null);
    if changed <> '{}' then
      perform auth.record_event('user.updated', new.id, null, changed);
    end if;
    if (old.disabled_at is null) <> (new.disabled_at is null) then
      perform auth.record_event(
        case when new.disabled_at is null then 'user.unsuspended' else 'user.suspended' end, new.id, null, '{}');
    end if;
  end if;
  return null;
end $$;

create function auth.record_role_event() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
  -- Not where the account itself is gone.
  perform auth.record_event('user.roles_changed', a.id, null, '{}')
  from auth.accounts a where a.id = coalesce(new.account_id, old.account_id);
  return null;
end $$;

create function auth.record_session_event() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform auth.record_event(
    'session.revoked', old.account_id, old.id,
    array[case when tg_op = 'DELETE' then 'deleted' else new.revoked_because end]);
  return null;
end $$;

-- Whoever was imported is no news: who imports them knows them.
create trigger accounts_created after insert on auth.accounts
  for each row when (new.imported_at is null) execute function auth.record_account_event();
create trigger accounts_changed after update on auth.accounts
  for each row when (
    (old.email, old.name, old.locale, old.email_verified_at is null, old.disabled_at is null)
    is distinct from (new.email, new.name, new.locale, new.email_verified_at is null, new.disabled_at is null)
  )
  execute function auth.record_account_event();
create trigger accounts_deleted after delete on auth.accounts
  for each row execute function auth.record_account_event();
create trigger role_grants_changed after insert or delete on auth.role_grants
  for each row execute function auth.record_role_event();
create trigger sessions_revoked_event after update on auth.sessions
  for each row when (old.revoked_at is null and new.revoked_at is not null)
  execute function auth.record_session_event();
create trigger sessions_deleted_event after delete on auth.sessions
  for each row when (old.revoked_at is null and old.expires_at > now())
  execute function auth.record_session_event();

-- As publish_revocations, a part at a time: of events there may be many that nobody has asked for yet.
create function auth.publish_events() returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  if not exists (select from auth.events where seq is null) then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtext('gatepost events'));
  update auth.events e
  set seq = newest.seq + pending.position
  from (
    select greatest(max(seq), (extract(epoch from clock_timestamp()) * 1000000)::bigint) as seq from auth.events
  ) newest, (
    select id, row_number() over (order by number) as position
    from (select id, number from auth.events where seq is null order by number limit 5000) first
  ) pending
  where e.id = pending.id;
end $$;

revoke execute on function auth.record_event, auth.record_account_event, auth.record_role_event,
  auth.record_session_event, auth.publish_events from public;
grant execute on function auth.publish_events to gatepost_auth;
grant select, delete on auth.events to gatepost_auth;
grant select, insert, update, delete on auth.webhooks, auth.webhook_deliveries to gatepost_auth;
