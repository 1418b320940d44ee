-- Reset links: stored as hashes, used once; one reset ends all of an account's.
create table auth.password_resets (
  token_hash bytea not null,
  account_id uuid not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  consumed_at timestamptz,
  constraint password_resets_pkey primary key (token_hash),
  constraint password_resets_account_id_fkey
    foreign key (account_id) references auth.accounts (id) on delete cascade
);
create index password_resets_account_id_idx on auth.password_resets (account_id, created_at);

grant select, insert, update, delete on auth.password_resets to gatepost_auth;
