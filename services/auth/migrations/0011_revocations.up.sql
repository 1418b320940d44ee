-- Sessions that ended before their time, for resource servers to refuse the access tokens that outlive them
-- (DESIGN.md D6). The service's role only reads: rows come from triggers, in the transaction that ends the session.
create table auth.revocations (
  id bigint not null generated always as identity,
  session_id uuid not null,
  account_id uuid not null,
  revoked_at timestamptz not null default clock_timestamp(),
  seq bigint,
  expires_at timestamptz,
  constraint revocations_pkey primary key (id),
  constraint revocations_seq_key unique (seq),
  constraint revocations_published_check check ((seq is null) = (expires_at is null))
);
create index revocations_unpublished_idx on auth.revocations (id) where seq is null;
create index revocations_expires_at_idx on auth.revocations (expires_at);

create function auth.record_revocation() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into auth.revocations (session_id, account_id) values (old.id, old.account_id);
  perform pg_notify('session_revoked', '');
  return null;
end $$;

create trigger sessions_revoked after update on auth.sessions
  for each row when (old.revoked_at is null and new.revoked_at is not null)
  execute function auth.record_revocation();

-- Also where a session was over already, for as long as its last access token may live.
create trigger sessions_deleted after delete on auth.sessions
  for each row when (old.revoked_at is null and old.expires_at > now() - interval '65 minutes')
  execute function auth.record_revocation();

-- Numbers what has been committed. A number given before the commit would not do: readers that ask for what came
-- after 7 would never see a 6 that commits late. One publisher at a time, so numbers become visible in their order.
-- They are times, in microseconds, so that no number comes twice after a restore or a failover that lost some.
-- A session can still be refreshed until its end is committed, so that is when the hour of its tokens begins.
create function auth.publish_revocations() returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  if not exists (select from auth.revocations where seq is null) then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtext('gatepost revocations'));
  update auth.revocations r
  set seq = newest.seq + pending.position, expires_at = clock_timestamp() + interval '65 minutes'
  from (
    select greatest(max(seq), (extract(epoch from clock_timestamp()) * 1000000)::bigint) as seq
    from auth.revocations
  ) newest, (
    select id, row_number() over (order by id) as position from auth.revocations where seq is null
  ) pending
  where r.id = pending.id;
end $$;

create function auth.delete_expired_revocations() returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare
  deleted integer;
begin
  delete from auth.revocations where expires_at < now();
  get diagnostics deleted = row_count;
  return deleted;
end $$;

revoke execute on function auth.record_revocation, auth.publish_revocations, auth.delete_expired_revocations from public;
grant execute on function auth.publish_revocations, auth.delete_expired_revocations to gatepost_auth;
grant select on auth.revocations to gatepost_auth;
