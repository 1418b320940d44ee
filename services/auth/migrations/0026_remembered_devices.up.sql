-- Where the second factor was proved, and its person said not to ask there for a while. It counts for what comes after
-- the last time that everybody was signed out (`accounts.signed_out_at`), and lets in nobody without the first factor.
create table auth.remembered_devices (
  token_hash bytea not null,
  account_id uuid not null,
  user_agent text,
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint remembered_devices_pkey primary key (token_hash),
  constraint remembered_devices_account_id_fkey foreign key (account_id) references auth.accounts (id) on delete cascade
);
create index remembered_devices_account_id_idx on auth.remembered_devices (account_id);
create index remembered_devices_expires_at_idx on auth.remembered_devices (expires_at);

grant select, insert, update, delete on auth.remembered_devices to gatepost_auth;
