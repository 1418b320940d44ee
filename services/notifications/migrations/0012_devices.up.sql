-- Where somebody's pushes go. An address is one device's: when accounts switch on it, it moves along.
create table notifications.devices (
  id uuid not null,
  user_id uuid not null,
  kind text not null,
  -- The token of FCM or APNs, or the endpoint of a browser's subscription; both are secrets.
  address text not null,
  address_hash bytea not null,
  -- Of a browser: its public key and the secret shared with it (RFC 8291).
  p256dh text,
  auth text,
  name text,
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  constraint devices_pkey primary key (id),
  constraint devices_address_hash_key unique (address_hash),
  constraint devices_kind_check check (kind in ('web-push', 'fcm', 'apns')),
  constraint devices_keys_check check (
    (kind = 'web-push') = (p256dh is not null) and (p256dh is null) = (auth is null)
  )
);
create index devices_user_id_idx on notifications.devices (user_id, seen_at desc);
create index devices_seen_at_idx on notifications.devices (seen_at);

grant select, insert, update, delete on notifications.devices to gatepost_notifications;
