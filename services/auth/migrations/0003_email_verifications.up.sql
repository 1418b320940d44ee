-- Links that prove an address: bound to the address they were sent to, stored as hashes, used once.
create table auth.email_verifications (
  token_hash bytea not null,
  account_id uuid not null,
  email text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  consumed_at timestamptz,
  constraint email_verifications_pkey primary key (token_hash),
  constraint email_verifications_account_id_fkey
    foreign key (account_id) references auth.accounts (id) on delete cascade
);
create index email_verifications_account_id_idx on auth.email_verifications (account_id, created_at);

grant select, insert, update, delete on auth.email_verifications to gatepost_auth;
