-- Somebody an identity provider knows, by its issuer and its name for them and never by an address (SECURITY.md check
-- 97). The refresh token, sealed, is what Apple wants back when they leave.
create table auth.identities (
  id uuid not null,
  account_id uuid not null,
  provider text not null,
  issuer text not null,
  subject text not null,
  upstream_client_id text not null,
  email text,
  refresh_token_sealed bytea,
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  constraint identities_pkey primary key (id),
  constraint identities_issuer_subject_key unique (issuer, subject),
  constraint identities_account_id_fkey foreign key (account_id) references auth.accounts (id) on delete cascade
);
create index identities_account_id_idx on auth.identities (account_id);

grant select, insert, update, delete on auth.identities to gatepost_auth;
