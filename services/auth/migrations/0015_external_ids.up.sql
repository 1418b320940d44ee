-- People who came from another backend: the id they had there, which its data and other services still know them by.
alter table auth.accounts
  add column external_id text,
  add column imported_at timestamptz,
  add constraint accounts_external_id_check check (external_id ~ '^[!-~]{1,128}$');
create unique index accounts_external_id_key on auth.accounts (external_id) where external_id is not null;
