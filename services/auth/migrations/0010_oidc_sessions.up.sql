-- Sessions that came through the OpenID Provider: what was granted, and what their refresh tokens carry.
alter table auth.sessions
  add column scopes text[] not null default '{account,notifications:read}',
  add column oidc_grant jsonb;
alter table auth.refresh_tokens add column oidc_payload jsonb;

-- Whoever signed in to a browser before the password was reset is signed in no longer.
alter table auth.accounts add column signed_out_at timestamptz not null default '-infinity';
