-- Codes in mails, typed into an app. A few digits can be guessed, so each try is counted here before it is compared,
-- and what is stored is a keyed hash (SECURITY.md checks 44 and 48).
create table auth.one_time_codes (
  id uuid not null,
  account_id uuid not null,
  email text not null,
  purpose text not null,
  may_reset boolean not null,
  code_hash bytea not null,
  tries integer not null default 0,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  verified_at timestamptz,
  consumed_at timestamptz,
  constraint one_time_codes_pkey primary key (id),
  constraint one_time_codes_account_id_fkey foreign key (account_id) references auth.accounts (id) on delete cascade,
  constraint one_time_codes_purpose_check check (purpose in ('verify-email', 'reset-password', 'change-email')),
  constraint one_time_codes_tries_check check (tries between 0 and 5)
);
create unique index one_time_codes_open_key on auth.one_time_codes (account_id, purpose) where consumed_at is null;
create index one_time_codes_account_id_idx on auth.one_time_codes (account_id, created_at);

grant select, insert, update, delete on auth.one_time_codes to gatepost_auth;
