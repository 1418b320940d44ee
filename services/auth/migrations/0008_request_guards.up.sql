-- What guards requests across processes: answers kept for a retry, and counters of the rate limits.
create table auth.idempotency_keys (
  scope text not null,
  key text not null,
  fingerprint bytea not null,
  answer bytea,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint idempotency_keys_pkey primary key (scope, key)
);
create index idempotency_keys_expires_at_idx on auth.idempotency_keys (expires_at);

create unlogged table auth.rate_limits (
  key varchar(255) not null,
  points integer not null default 0,
  expire bigint,
  constraint rate_limits_pkey primary key (key)
);

grant select, insert, update, delete on auth.idempotency_keys, auth.rate_limits to gatepost_auth;
