-- One way to an identity provider and back: its state is good once, for the browser or the session that began it, and
-- for ten minutes (SECURITY.md check 99). An ID token that an app brought itself is good once as well.
create table auth.social_attempts (
  state_hash bytea not null,
  provider text not null,
  browser_hash bytea,
  interaction_uid text,
  session_id uuid,
  redirect_uri text,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  consumed_at timestamptz,
  constraint social_attempts_pkey primary key (state_hash),
  constraint social_attempts_session_id_fkey foreign key (session_id) references auth.sessions (id) on delete cascade,
  constraint social_attempts_bound_check check (num_nonnulls(browser_hash, session_id) = 1),
  constraint social_attempts_way_check check ((browser_hash is null) = (interaction_uid is null)
    and (session_id is null) = (redirect_uri is null))
);
create index social_attempts_expires_at_idx on auth.social_attempts (expires_at);
create index social_attempts_session_id_idx on auth.social_attempts (session_id) where session_id is not null;

create table auth.used_id_tokens (
  nonce_hash bytea not null,
  expires_at timestamptz not null,
  constraint used_id_tokens_pkey primary key (nonce_hash)
);
create index used_id_tokens_expires_at_idx on auth.used_id_tokens (expires_at);

grant select, insert, update, delete on auth.social_attempts to gatepost_auth;
grant select, insert, delete on auth.used_id_tokens to gatepost_auth;
