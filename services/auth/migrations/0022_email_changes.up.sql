-- A new address is nothing until whoever reads it says so; the old one can take the change back for three days, and
-- until then belongs to nobody else (SECURITY.md check 51).
create table auth.email_changes (
  id uuid not null,
  account_id uuid not null,
  old_email text not null,
  old_email_verified boolean not null,
  new_email text not null,
  token_hash bytea not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  consumed_at timestamptz,
  undo_hash bytea,
  undo_expires_at timestamptz,
  undone_at timestamptz,
  constraint email_changes_pkey primary key (id),
  constraint email_changes_token_hash_key unique (token_hash),
  constraint email_changes_undo_hash_key unique (undo_hash),
  constraint email_changes_account_id_fkey foreign key (account_id) references auth.accounts (id) on delete cascade,
  constraint email_changes_undo_check check ((undo_hash is null) = (undo_expires_at is null))
);
create unique index email_changes_open_key on auth.email_changes (account_id) where consumed_at is null;
create index email_changes_account_id_idx on auth.email_changes (account_id, created_at);

create table auth.reserved_emails (
  email text not null,
  account_id uuid not null,
  expires_at timestamptz not null,
  constraint reserved_emails_pkey primary key (email),
  constraint reserved_emails_account_id_fkey foreign key (account_id) references auth.accounts (id) on delete cascade
);

grant select, insert, update, delete on auth.email_changes, auth.reserved_emails to gatepost_auth;
