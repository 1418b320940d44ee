-- What people tell an app of themselves, beside the name that all apps share: each app keeps its own members.
create table auth.profiles (
  account_id uuid not null,
  client_id text not null,
  members jsonb not null,
  updated_at timestamptz not null default now(),
  constraint profiles_pkey primary key (account_id, client_id),
  constraint profiles_account_id_fkey foreign key (account_id) references auth.accounts (id) on delete cascade,
  constraint profiles_members_check check (jsonb_typeof(members) = 'object')
);

grant select, insert, update, delete on auth.profiles to gatepost_auth;
