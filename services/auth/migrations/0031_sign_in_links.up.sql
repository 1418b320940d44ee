-- A mail that signs in: its link or code is good once, for ten minutes, and only where it was asked for, which holds
-- the other half (binding).
create table auth.sign_in_links (
  binding_hash bytea not null,
  token_hash bytea not null,
  account_id uuid not null,
  email text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  consumed_at timestamptz,
  constraint sign_in_links_pkey primary key (binding_hash),
  constraint sign_in_links_account_id_fkey foreign key (account_id) references auth.accounts (id) on delete cascade
);
create index sign_in_links_account_id_idx on auth.sign_in_links (account_id, created_at);
create index sign_in_links_expires_at_idx on auth.sign_in_links (expires_at);
grant select, insert, update, delete on auth.sign_in_links to gatepost_auth;

alter table auth.one_time_codes drop constraint one_time_codes_purpose_check;
alter table auth.one_time_codes add constraint one_time_codes_purpose_check
  check (purpose in ('verify-email', 'reset-password', 'change-email', 'sign-in'));
