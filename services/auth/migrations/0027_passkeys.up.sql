-- Passkeys (WebAuthn), and the challenges that each ceremony answers once: bound to what it is for, to whom, and to
-- where it began (SECURITY.md check 100).
create table auth.passkeys (
  id uuid not null,
  account_id uuid not null,
  credential_id text not null,
  public_key bytea not null,
  sign_count bigint not null,
  transports text[] not null,
  is_synced boolean not null,
  aaguid uuid not null,
  name text not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  regressed_at timestamptz,
  constraint passkeys_pkey primary key (id),
  constraint passkeys_credential_id_key unique (credential_id),
  constraint passkeys_account_id_fkey foreign key (account_id) references auth.accounts (id) on delete cascade
);
create index passkeys_account_id_idx on auth.passkeys (account_id, created_at);

create table auth.passkey_challenges (
  challenge bytea not null,
  purpose text not null,
  account_id uuid,
  bound_to text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint passkey_challenges_pkey primary key (challenge),
  constraint passkey_challenges_account_id_fkey foreign key (account_id) references auth.accounts (id) on delete cascade,
  constraint passkey_challenges_purpose_check check (purpose in ('register', 'sign-in', 'second-factor', 'step-up')),
  constraint passkey_challenges_account_id_check check ((account_id is null) = (purpose = 'sign-in'))
);
create index passkey_challenges_account_id_idx on auth.passkey_challenges (account_id);
create index passkey_challenges_expires_at_idx on auth.passkey_challenges (expires_at);

grant select, insert, update, delete on auth.passkeys, auth.passkey_challenges to gatepost_auth;
