-- Who leaves is forgotten elsewhere too (ADR 38): what Apple is to take back, guests who can't come back, and facts that
-- nobody was told of yet. And a sign-in from a new device is told of where the mail about it is written.

-- Tokens that an identity provider is to take back, as their account is gone: no foreign keys. An id is its identity's,
-- under which the token was sealed; what has been taken back holds no token any more.
create table auth.upstream_revocations (
  id uuid not null,
  provider text not null,
  upstream_client_id text not null,
  token_sealed bytea,
  created_at timestamptz not null default clock_timestamp(),
  -- While somebody is at it, when others may take it over.
  due_at timestamptz not null default clock_timestamp(),
  tries integer not null default 0,
  refusals integer not null default 0,
  last_answer text,
  ended_at timestamptz,
  outcome text,
  constraint upstream_revocations_pkey primary key (id),
  constraint upstream_revocations_outcome_check check (outcome in ('delivered', 'refused', 'expired')),
  constraint upstream_revocations_ended_check check ((ended_at is null) = (outcome is null))
);
create index upstream_revocations_due_idx on auth.upstream_revocations (provider, due_at) where ended_at is null;
create index upstream_revocations_created_at_idx on auth.upstream_revocations (created_at);
grant select, insert, update, delete on auth.upstream_revocations to gatepost_auth;

create index accounts_guests_idx on auth.accounts (created_at) where email like '%@guest.invalid';

-- What is still to be told of somebody goes when they go: nothing of them is kept until the notifications API is back.
create index facts_user_id_idx on auth.facts ((fact->>'user_id'));
create or replace function auth.record_contact() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
  if tg_op = 'DELETE' then
    -- In the order in which those who tell lock them.
    delete from auth.facts where number in (
      select number from auth.facts where fact->>'user_id' = old.id::text order by number for update
    );
  end if;
  if exists (select from auth.notifications_feed) then
    insert into auth.facts (fact) values (
      case when tg_op = 'DELETE' then jsonb_build_object('kind', 'account-deleted', 'user_id', old.id)
      else auth.contact_fact(new) end
    );
  end if;
  return null;
end $$;

-- The guard of sign-ins knows devices, and mails their owner: one event, one mail, one notification.
create or replace function auth.record_security_event() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
declare
  told text := case new.event
    when 'sign-in.new-device' then 'new-sign-in'
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
      'sign-in.new-device', 'password.changed', 'password.reset', 'recovery-code.used', 'totp.enabled',
      'totp.disabled', 'passkey.added', 'passkey.deleted', 'identity.linked', 'identity.unlinked'
    )
  )
  execute function auth.record_security_event();
drop function auth.is_new_device(auth.audit_events);
drop function auth.user_agent_form(text);
