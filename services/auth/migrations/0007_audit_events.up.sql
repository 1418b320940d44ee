-- What happened to whom, written in the transaction of the change itself. The service may only add.
create table auth.audit_events (
  id bigint generated always as identity,
  at timestamptz not null default now(),
  event text not null,
  outcome text not null,
  account_id uuid,
  session_id uuid,
  client_id text,
  ip inet,
  user_agent text,
  request_id uuid,
  detail jsonb not null default '{}',
  constraint audit_events_pkey primary key (id),
  constraint audit_events_outcome_check check (outcome in ('success', 'failure'))
);
create index audit_events_account_id_idx on auth.audit_events (account_id, id);

grant select, insert on auth.audit_events to gatepost_auth;
