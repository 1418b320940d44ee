-- Sessions and their refresh tokens are the truth for both doors, JSON and OpenID Connect (ADR 0005).
create table auth.sessions (
  id uuid not null,
  account_id uuid not null,
  client_id text not null,
  salt bytea not null,
  amr text[] not null,
  authenticated_at timestamptz not null default now(),
  user_agent text,
  ip inet,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  revoked_because text,
  constraint sessions_pkey primary key (id),
  constraint sessions_account_id_fkey foreign key (account_id) references auth.accounts (id) on delete cascade,
  constraint sessions_revoked_check check ((revoked_at is null) = (revoked_because is null))
);
create index sessions_account_id_idx on auth.sessions (account_id) where revoked_at is null;
create index sessions_expires_at_idx on auth.sessions (expires_at);

-- A consumed token stays until it expires: presented again, it tells of a theft.
create table auth.refresh_tokens (
  token_hash bytea not null,
  session_id uuid not null,
  parent_hash bytea,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  consumed_at timestamptz,
  successor_used_at timestamptz,
  constraint refresh_tokens_pkey primary key (token_hash),
  constraint refresh_tokens_session_id_fkey foreign key (session_id) references auth.sessions (id) on delete cascade
);
create index refresh_tokens_session_id_idx on auth.refresh_tokens (session_id);

grant select, insert, update, delete on auth.sessions, auth.refresh_tokens to gatepost_auth;
