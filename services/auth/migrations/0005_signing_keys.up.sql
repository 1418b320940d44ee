-- RS256 keys: published from `created_at`, signing from `activates_at`, unpublished after `retires_at`.
create table auth.signing_keys (
  kid text not null,
  public_jwk jsonb not null,
  private_jwk_sealed bytea not null,
  created_at timestamptz not null default now(),
  activates_at timestamptz not null,
  retires_at timestamptz,
  constraint signing_keys_pkey primary key (kid)
);

grant select, insert, update, delete on auth.signing_keys to gatepost_auth;
