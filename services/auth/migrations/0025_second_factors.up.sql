-- What proves a person after their password: codes from an app, each step good once, and recovery codes (SECURITY.md
-- checks 58 and 59). Whatever can be guessed is counted here before it is compared (check 44).
create table auth.totp_factors (
  account_id uuid not null,
  sealed_secret bytea not null,
  sealed_by text not null,
  last_step bigint not null default 0,
  created_at timestamptz not null default now(),
  confirmed_at timestamptz,
  constraint totp_factors_pkey primary key (account_id),
  constraint totp_factors_account_id_fkey foreign key (account_id) references auth.accounts (id) on delete cascade
);

create table auth.recovery_codes (
  account_id uuid not null,
  code_hash bytea not null,
  created_at timestamptz not null default now(),
  consumed_at timestamptz,
  constraint recovery_codes_pkey primary key (account_id, code_hash),
  constraint recovery_codes_account_id_fkey foreign key (account_id) references auth.accounts (id) on delete cascade
);

create table auth.second_factor_tries (
  account_id uuid not null,
  method text not null,
  window_started_at timestamptz not null default now(),
  window_tries integer not null default 0,
  day_started_at timestamptz not null default now(),
  day_tries integer not null default 0,
  consecutive integer not null default 0,
  told_at timestamptz,
  constraint second_factor_tries_pkey primary key (account_id, method),
  constraint second_factor_tries_account_id_fkey foreign key (account_id) references auth.accounts (id) on delete cascade,
  constraint second_factor_tries_method_check check (method in ('totp', 'recovery-code'))
);

-- A sign-in between its two factors, bound to where it began: an app, or a sign-in at the OpenID Provider.
create table auth.sign_in_challenges (
  token_hash bytea not null,
  account_id uuid not null,
  bound_to text not null,
  amr text[] not null,
  proved_at timestamptz not null,
  tries integer not null default 0,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  consumed_at timestamptz,
  constraint sign_in_challenges_pkey primary key (token_hash),
  constraint sign_in_challenges_account_id_fkey foreign key (account_id) references auth.accounts (id) on delete cascade,
  constraint sign_in_challenges_tries_check check (tries between 0 and 5)
);
create index sign_in_challenges_account_id_idx on auth.sign_in_challenges (account_id, created_at);
create index sign_in_challenges_expires_at_idx on auth.sign_in_challenges (expires_at);

grant select, insert, update, delete
  on auth.totp_factors, auth.recovery_codes, auth.second_factor_tries, auth.sign_in_challenges to gatepost_auth;
