-- Back to what 0023 made.
create function auth.user_agent_form(user_agent text) returns text
language sql immutable set search_path = pg_catalog as $$
  select regexp_replace(coalesce(user_agent, ''), '[0-9][0-9._]*', '', 'g')
$$;

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

create or replace function auth.record_security_event() returns trigger
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

drop trigger audit_events_told_of on auth.audit_events;
create trigger audit_events_told_of after insert on auth.audit_events
  for each row when (
    new.outcome = 'success' and new.account_id is not null and new.event in (
      'session.started', 'password.changed', 'password.reset', 'recovery-code.used', 'totp.enabled', 'totp.disabled',
      'passkey.added', 'passkey.deleted', 'identity.linked', 'identity.unlinked'
    )
  )
  execute function auth.record_security_event();

create or replace function auth.record_contact() returns trigger
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

drop index auth.facts_user_id_idx;
drop index auth.accounts_guests_idx;
drop table auth.upstream_revocations;
