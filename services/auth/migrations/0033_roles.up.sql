-- Who may do more than look after themselves (ADR 32): roles of an app, and, with the client `*`, those of this
-- installation.
create table auth.role_grants (
  account_id uuid not null,
  client_id text not null,
  role text not null,
  granted_at timestamptz not null default now(),
  -- None: by an operator's command or link.
  granted_by uuid,
  constraint role_grants_pkey primary key (account_id, client_id, role),
  constraint role_grants_account_id_fkey foreign key (account_id) references auth.accounts (id) on delete cascade,
  constraint role_grants_role_check check (role ~ '^[a-z][a-z0-9_-]{0,39}$')
);
create index role_grants_role_idx on auth.role_grants (client_id, role, account_id);

-- Lists of users are ordered by address, and searched by its beginning.
create index accounts_email_order_idx on auth.accounts (email collate "C");

-- The way to the first admin: a link that whoever runs the server gets once (check 113).
create table auth.admin_invitations (
  token_hash bytea not null,
  email text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  consumed_at timestamptz,
  constraint admin_invitations_pkey primary key (token_hash)
);

grant select, insert, update, delete on auth.role_grants, auth.admin_invitations to gatepost_auth;
