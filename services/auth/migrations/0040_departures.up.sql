-- Accounts that are about to go, where an operator gives people time to think again (ACCOUNT_DELETION_DELAY). The
-- account is disabled meanwhile; whoever enables it again keeps it.
create table auth.account_deletions (
  account_id uuid not null,
  token_hash bytea not null,
  client_id text not null,
  requested_at timestamptz not null default now(),
  due_at timestamptz not null,
  constraint account_deletions_pkey primary key (account_id),
  constraint account_deletions_token_hash_key unique (token_hash),
  constraint account_deletions_account_id_fkey foreign key (account_id) references auth.accounts (id) on delete cascade
);
create index account_deletions_due_at_idx on auth.account_deletions (due_at);

grant select, insert, update, delete on auth.account_deletions to gatepost_auth;
