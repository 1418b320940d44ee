-- From where somebody has signed in: what they do there is not kept from them by what strangers do (SECURITY.md
-- section 2). A device is known by a secret of its own, or by its network, for which it needs to keep nothing.
create table auth.known_devices (
  account_id uuid not null,
  key bytea not null,
  kind text not null,
  seen_at timestamptz not null default now(),
  constraint known_devices_pkey primary key (account_id, key),
  constraint known_devices_account_id_fkey foreign key (account_id) references auth.accounts (id) on delete cascade,
  constraint known_devices_kind_check check (kind in ('device', 'network'))
);
create index known_devices_seen_at_idx on auth.known_devices (seen_at);

-- Links by which the owner lets somebody in who has the password, and comes from where nobody is known.
create table auth.sign_in_approvals (
  token_hash bytea not null,
  account_id uuid not null,
  device_key bytea not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  consumed_at timestamptz,
  constraint sign_in_approvals_pkey primary key (token_hash),
  constraint sign_in_approvals_account_id_fkey foreign key (account_id) references auth.accounts (id) on delete cascade
);
create index sign_in_approvals_account_id_idx on auth.sign_in_approvals (account_id, created_at);

grant select, insert, update, delete on auth.known_devices, auth.sign_in_approvals to gatepost_auth;
