-- Audit events are sealed in a chain, behind the requests that write them (ADR 36): each seal covers the events that
-- came since the one before, and no event can be changed, taken away or put in afterwards without its seal telling.
-- What is personal of an event stands in the chain as a salted hash alone, so that it can go with its account.
alter table auth.audit_events
  add column salt uuid default gen_random_uuid(),
  add column personal_digest bytea,
  add column digest bytea,
  add column seal bigint;
create index audit_events_unsealed_idx on auth.audit_events (id) where seal is null;
create index audit_events_seal_idx on auth.audit_events (seal) where seal is not null;

create table auth.audit_seals (
  number bigint not null,
  first_id bigint not null,
  last_id bigint not null,
  events integer not null,
  hash bytea not null,
  sealed_at timestamptz not null default clock_timestamp(),
  constraint audit_seals_pkey primary key (number)
);

-- Where the chain ends, so that its end can't be cut off unseen.
create table auth.audit_head (
  is_only boolean not null default true,
  number bigint not null,
  mac bytea not null,
  constraint audit_head_pkey primary key (is_only),
  constraint audit_head_is_only_check check (is_only)
);

create function auth.audit_personal_digest(e auth.audit_events) returns bytea
language sql immutable set search_path = pg_catalog as $$
  select sha256(convert_to(jsonb_build_array(e.salt, host(e.ip), e.user_agent, e.detail)::text, 'UTF8'))
$$;

create function auth.audit_digest(e auth.audit_events) returns bytea
language sql immutable set search_path = pg_catalog as $$
  select sha256(convert_to(jsonb_build_array(
    e.id, (extract(epoch from e.at) * 1000000)::bigint, e.event, e.outcome, e.account_id, e.session_id, e.client_id,
    e.request_id, encode(coalesce(e.personal_digest, auth.audit_personal_digest(e)), 'hex')
  )::text, 'UTF8'))
$$;

create function auth.seal_audit_events(ids bigint[], seal_number bigint, seal_hash bytea, head_mac bytea) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into auth.audit_seals (number, first_id, last_id, events, hash)
  select seal_number, min(id), max(id), count(*), seal_hash from unnest(ids) as id;
  update auth.audit_events e
  set personal_digest = coalesce(e.personal_digest, auth.audit_personal_digest(e)),
      digest = auth.audit_digest(e),
      seal = seal_number
  where e.id = any(ids) and e.seal is null;
  insert into auth.audit_head (number, mac) values (seal_number, head_mac)
  on conflict (is_only) do update set number = excluded.number, mac = excluded.mac;
end $$;

-- Takes from the events of an account that is gone what is personal; that they happened stays, and stays sealed.
create function auth.erase_audit_events(gone uuid) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  if exists (select from auth.accounts where id = gone) then
    raise exception 'the account % is not gone', gone;
  end if;
  update auth.audit_events e
  set personal_digest = coalesce(e.personal_digest, auth.audit_personal_digest(e)),
      salt = null, ip = null, user_agent = null, detail = '{}'
  where e.account_id = gone and e.salt is not null;
end $$;

revoke execute on function auth.seal_audit_events, auth.erase_audit_events from public;
grant execute on function auth.seal_audit_events, auth.erase_audit_events to gatepost_auth;
grant select on auth.audit_seals, auth.audit_head to gatepost_auth;
