-- Programs that sign in for themselves (ADR 33). Of their secrets only hashes are here: they have 256 random bits.
create table auth.service_clients (
  client_id text not null,
  client_name text not null,
  scopes text[] not null,
  token_endpoint_auth_method text not null,
  jwks jsonb,
  created_at timestamptz not null default now(),
  revoked_at timestamptz,
  constraint service_clients_pkey primary key (client_id),
  constraint service_clients_auth_check check (
    (token_endpoint_auth_method = 'private_key_jwt') = (jwks is not null)
    and token_endpoint_auth_method in ('client_secret_basic', 'client_secret_post', 'private_key_jwt')
  )
);

create table auth.service_client_secrets (
  secret_hash bytea not null,
  client_id text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint service_client_secrets_pkey primary key (secret_hash),
  constraint service_client_secrets_client_id_fkey foreign key (client_id)
    references auth.service_clients (client_id) on delete cascade
);
create index service_client_secrets_client_id_idx on auth.service_client_secrets (client_id);

create table auth.api_keys (
  id text not null,
  -- Whose rights it can't exceed; none: an operator's.
  owner_id uuid,
  name text not null,
  scopes text[] not null,
  secret_hash bytea not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  last_used_at timestamptz,
  constraint api_keys_pkey primary key (id),
  constraint api_keys_owner_id_fkey foreign key (owner_id) references auth.accounts (id) on delete cascade
);
create index api_keys_owner_id_idx on auth.api_keys (owner_id, created_at);

grant select, insert, update, delete on auth.service_clients, auth.service_client_secrets, auth.api_keys to gatepost_auth;
