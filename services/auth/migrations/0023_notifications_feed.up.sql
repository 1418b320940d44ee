-- What the notifications API is to know of people, apps, and what happened to them (ADR 0025). Facts come from
-- triggers, in the transaction of what they tell, and are due until that service has taken them.

-- One row while there is somebody to tell; who was there before is told of by and by, up to `told_up_to`.
create table auth.notifications_feed (
  is_on boolean not null default true,
  told_up_to uuid,
  knows_all boolean not null default false,
  constraint notifications_feed_pkey primary key (is_on),
  constraint notifications_feed_is_on_check check (is_on)
);

-- No foreign keys: a fact outlives the account that it tells of.
create table auth.facts (
  -- Facts about the same account are numbered under its lock, so a higher number is a later truth.
  number bigint generated always as identity,
  id uuid not null default gen_random_uuid(),
  fact jsonb not null,
  due_at timestamptz not null default clock_timestamp(),
  tries integer not null default 0,
  last_answer text,
  created_at timestamptz not null default clock_timestamp(),
  constraint facts_pkey primary key (number)
);
create index facts_due_at_idx on auth.facts (due_at);

create function auth.contact_fact(account auth.accounts) returns jsonb
language sql stable set search_path = pg_catalog as $$
  select jsonb_build_object(
    'kind', 'contact', 'user_id', account.id, 'email', account.email,
    'email_verified', account.email_verified_at is not null, 'name', account.name, 'locale', account.locale,
    'is_active', account.disabled_at is null
  )
$$;

create function auth.record_contact() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
  if exists (select from auth.notifications_feed) then
    insert into auth.facts (fact) values (
      case when tg_op = 'DELETE' then jsonb_build_object('kind', 'account-deleted', 'user_id', old.id)
      else auth.contact_fact(new) end
    );
  end if;
  return null;
end $$;

create trigger accounts_told_of after insert or delete on auth.accounts
  for each row execute function auth.record_contact();
create trigger accounts_changes_told_of after update on auth.accounts
  for each row when (
    (old.email, old.email_verified_at is null, old.name, old.locale, old.disabled_at is null)
    is distinct from (new.email, new.email_verified_at is null, new.name, new.locale, new.disabled_at is null)
  )
  execute function auth.record_contact();

-- What kind of browser or app it is, whatever its version.
create function auth.user_agent_form(user_agent text) returns text
language sql immutable set search_path = pg_catalog as $$
  select regexp_replace(coalesce(user_agent, ''), '[0-9][0-9._]*', '', 'g')
$$;

-- Whether somebody who has signed in before does so with a browser or app, or from a network, that half a year has not
-- seen. Of the last hundred sign-ins: more would cost every sign-in of a busy account.
create function auth.is_new_device(event auth.audit_events) returns boolean
language sql stable set search_path = pg_catalog as $$
  select count(*) > 0
    and not (
      coalesce(bool_or(auth.user_agent_form(user_agent) = auth.user_agent_form(event.user_agent)), false)
      and coalesce(bool_or(ip <<= network(set_masklen(event.ip, case family(event.ip) when 4 then 16 else 32 end))), event.ip is null)
    )
  from (
    select user_agent, ip from auth.audit_events
    where account_id = event.account_id and id < event.id and event = 'session.started'
      and at > now() - interval '180 days'
    order by id desc limit 100
  ) earlier
$$;

create function auth.record_security_event() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
declare
  told text := case new.event
    when 'session.started' then 'new-sign-in'
    when 'password.changed' then 'password-changed'
    when 'password.reset' then 'password-changed'
    when 'recovery-code.used' then 'recovery-code-used'
    when 'totp.enabled' then 'second-factor-added'
    when 'passkey.added' then 'second-factor-added'
    when 'totp.disabled' then 'second-factor-removed'
    when 'passkey.deleted' then 'second-factor-removed'
    when 'identity.linked' then 'identity-linked'
    when 'identity.unlinked' then 'identity-unlinked'
  end;
begin
  if not exists (select from auth.notifications_feed) then
    return null;
  end if;
  -- Whoever signs the session in may know the device better.
  if new.event = 'session.started' and not coalesce((new.detail->>'new_device')::boolean, auth.is_new_device(new)) then
    return null;
  end if;
  insert into auth.facts (fact) values (jsonb_build_object(
    'kind', 'security-event', 'user_id', new.account_id, 'event', told, 'at', new.at, 'client_id', new.client_id,
    'user_agent', new.user_agent, 'ip', host(new.ip),
    'device', (select device_name from auth.sessions where id = new.session_id)
  ));
  return null;
end $$;

create trigger audit_events_told_of after insert on auth.audit_events
  for each row when (
    new.outcome = 'success' and new.account_id is not null and new.event in (
      'session.started', 'password.changed', 'password.reset', 'recovery-code.used', 'totp.enabled', 'totp.disabled',
      'passkey.added', 'passkey.deleted', 'identity.linked', 'identity.unlinked'
    )
  )
  execute function auth.record_security_event();

revoke execute on function auth.record_contact, auth.record_security_event from public;
grant select, insert, update, delete on auth.notifications_feed, auth.facts to gatepost_auth;
