-- The people: one row per canonical email, which is the only spelling that mail is ever sent to.
create table auth.accounts (
  id uuid not null,
  email text not null,
  name text,
  password_hash text,
  email_verified_at timestamptz,
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint accounts_pkey primary key (id),
  constraint accounts_email_key unique (email),
  constraint accounts_email_check check (email = lower(email) and length(email) <= 254)
);

grant select, insert, update, delete on auth.accounts to gatepost_auth;
