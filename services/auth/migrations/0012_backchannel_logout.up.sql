-- Which clients are to be told when a session of theirs ends, and what is on its way to them (OpenID Connect
-- Back-Channel Logout 1.0, ADR 14). Rows come from triggers, in the transaction that ends the session.
create table auth.backchannel_logout_clients (
  client_id text not null,
  constraint backchannel_logout_clients_pkey primary key (client_id)
);

-- No foreign keys: a row outlives the session and the account that it tells of.
create table auth.backchannel_logouts (
  -- The token's `jti`, the same at each try.
  id uuid not null default gen_random_uuid(),
  client_id text not null,
  account_id uuid not null,
  session_id uuid not null,
  created_at timestamptz not null default clock_timestamp(),
  -- While somebody is at it, when others may take it over.
  due_at timestamptz not null default clock_timestamp(),
  tries integer not null default 0,
  refusals integer not null default 0,
  last_answer text,
  ended_at timestamptz,
  outcome text,
  constraint backchannel_logouts_pkey primary key (id),
  constraint backchannel_logouts_outcome_check check (outcome in ('delivered', 'refused', 'expired')),
  constraint backchannel_logouts_ended_check check ((ended_at is null) = (outcome is null))
);
create index backchannel_logouts_due_idx on auth.backchannel_logouts (client_id, due_at) where ended_at is null;
create index backchannel_logouts_created_at_idx on auth.backchannel_logouts (created_at);

-- When the person signed out of the browser that a session belongs to, and left it what it may do while they are
-- away (OpenID Connect Core section 11): for its client that is a logout, for its refresh token it is not.
alter table auth.sessions add column signed_out_at timestamptz;

create function auth.record_backchannel_logout() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into auth.backchannel_logouts (client_id, account_id, session_id)
  select client_id, old.account_id, old.id from auth.backchannel_logout_clients where client_id = old.client_id;
  if found then
    perform pg_notify('backchannel_logout', '');
  end if;
  return null;
end $$;

create trigger sessions_logged_out after update on auth.sessions
  for each row when (
    coalesce(old.revoked_at, old.signed_out_at) is null and coalesce(new.revoked_at, new.signed_out_at) is not null
  )
  execute function auth.record_backchannel_logout();

-- What had ended by itself long before is no logout.
create trigger sessions_deleted_while_live after delete on auth.sessions
  for each row when (coalesce(old.revoked_at, old.signed_out_at) is null and old.expires_at > now())
  execute function auth.record_backchannel_logout();

revoke execute on function auth.record_backchannel_logout from public;
grant select, insert, delete on auth.backchannel_logout_clients to gatepost_auth;
grant select, update, delete on auth.backchannel_logouts to gatepost_auth;
