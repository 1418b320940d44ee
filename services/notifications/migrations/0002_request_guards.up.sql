-- What guards requests across processes: answers kept for a retry, and counters of the rate limits.
create table notifications.idempotency_keys (
  scope text not null,
  key text not null,
  fingerprint bytea not null,
  answer bytea,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint idempotency_keys_pkey primary key (scope, key)
);
create index idempotency_keys_expires_at_idx on notifications.idempotency_keys (expires_at);

grant select, insert, update, delete on notifications.idempotency_keys to gatepost_notifications;
