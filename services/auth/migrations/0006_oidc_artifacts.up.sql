-- What the OpenID Provider keeps between requests; bearer values only as hashes.
create table auth.oidc_artifacts (
  model text not null,
  id text not null,
  payload jsonb not null,
  grant_id text,
  uid text,
  user_code text,
  expires_at timestamptz not null,
  consumed_at timestamptz,
  constraint oidc_artifacts_pkey primary key (model, id)
);
create index oidc_artifacts_grant_id_idx on auth.oidc_artifacts (grant_id) where grant_id is not null;
create index oidc_artifacts_uid_idx on auth.oidc_artifacts (model, uid) where uid is not null;
create index oidc_artifacts_user_code_idx on auth.oidc_artifacts (model, user_code) where user_code is not null;
create index oidc_artifacts_expires_at_idx on auth.oidc_artifacts (expires_at);

grant select, insert, update, delete on auth.oidc_artifacts to gatepost_auth;
