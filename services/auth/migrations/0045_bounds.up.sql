-- Every table has a bound (docs/bounds.md): what is over is found by an index, a thousand rows at a time, and audit
-- events end after a time, from the chain's beginning on. An operator of large tables makes the indexes beforehand,
-- concurrently; then nothing waits here.
create index if not exists one_time_codes_expires_at_idx on auth.one_time_codes (expires_at);
create index if not exists totp_factors_pending_idx on auth.totp_factors (created_at) where confirmed_at is null;
create index if not exists api_keys_over_idx on auth.api_keys (least(expires_at, revoked_at));
create index if not exists email_changes_over_idx
  on auth.email_changes (greatest(expires_at, coalesce(undo_expires_at, expires_at)));
create index if not exists reserved_emails_expires_at_idx on auth.reserved_emails (expires_at);
create index if not exists sign_in_approvals_expires_at_idx on auth.sign_in_approvals (expires_at);
create index if not exists service_client_secrets_expires_at_idx on auth.service_client_secrets (expires_at);
create index if not exists rate_limits_expire_idx on auth.rate_limits (expire);
create index if not exists webhook_deliveries_created_at_idx on auth.webhook_deliveries (created_at);
-- Networks are forgotten sooner than devices, of which many are older.
create index if not exists known_devices_networks_idx on auth.known_devices (seen_at) where kind = 'network';

-- What is deleted all the time leaves dead rows all the time: a fifth of a large table is too much to wait for.
alter table auth.sessions set (autovacuum_vacuum_scale_factor = 0.02);
alter table auth.refresh_tokens set (autovacuum_vacuum_scale_factor = 0.02);
alter table auth.rate_limits set (autovacuum_vacuum_scale_factor = 0.02);

-- Their sweeps lock what they delete, which takes the right to change something; these were refused until now.
grant update (created_at) on auth.events to gatepost_auth;
grant update (expires_at) on auth.used_id_tokens to gatepost_auth;

-- The last seal that was forgotten, which the first one that is kept follows.
create table auth.audit_base (
  is_only boolean not null default true,
  number bigint not null,
  hash bytea not null,
  last_at timestamptz not null,
  mac bytea not null,
  constraint audit_base_pkey primary key (is_only),
  constraint audit_base_is_only_check check (is_only)
);

-- Forgets the oldest seal and its events, at most a thousand. Whoever has the service's role can't forget what is
-- recent by the events' own times, nor the newest seal, nor anything unseen: the mac is made with a key that the database has not.
create function auth.forget_audit_seal(oldest bigint, base_mac bytea) returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare
  forgotten auth.audit_seals;
  newest timestamptz;
  deleted integer;
begin
  select * into forgotten from auth.audit_seals order by number limit 1;
  select max(at) into newest from auth.audit_events where seal = oldest;
  if forgotten.number is distinct from oldest or newest is null or newest > now() - interval '90 days'
    or not exists (select from auth.audit_seals where number > oldest) then
    raise exception 'seal % is to be kept', oldest;
  end if;
  delete from auth.audit_events where seal = oldest;
  get diagnostics deleted = row_count;
  delete from auth.audit_seals where number = oldest;
  insert into auth.audit_base (number, hash, last_at, mac)
  values (oldest, forgotten.hash, newest, base_mac)
  on conflict (is_only) do update
    set number = excluded.number, hash = excluded.hash, last_at = excluded.last_at, mac = excluded.mac;
  return deleted;
end $$;

revoke execute on function auth.forget_audit_seal from public;
grant execute on function auth.forget_audit_seal to gatepost_auth;
grant select on auth.audit_base to gatepost_auth;

-- As auth.publish_revocations, which goes in a later release, but five thousand at a time: when everybody's sessions
-- end at once, one statement for all would run into the time limit, again and again.
create function auth.publish_next_revocations() returns boolean
language plpgsql security definer set search_path = pg_catalog as $$
declare
  published integer;
begin
  if not exists (select from auth.revocations where seq is null) then
    return false;
  end if;
  perform pg_advisory_xact_lock(hashtext('gatepost revocations'));
  update auth.revocations r
  set seq = newest.seq + pending.position, expires_at = clock_timestamp() + interval '65 minutes'
  from (
    select greatest(max(seq), (extract(epoch from clock_timestamp()) * 1000000)::bigint) as seq
    from auth.revocations
  ) newest, (
    select id, row_number() over (order by id) as position
    from (select id from auth.revocations where seq is null order by id limit 5000) first
  ) pending
  where r.id = pending.id;
  get diagnostics published = row_count;
  return published = 5000;
end $$;
revoke execute on function auth.publish_next_revocations from public;
grant execute on function auth.publish_next_revocations to gatepost_auth;
