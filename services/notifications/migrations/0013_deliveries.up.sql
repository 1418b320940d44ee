-- What is on its way by mail and push (ADR 0026). A message is written in the transaction that creates its
-- notification; a planner makes deliveries of it by what its person wants; senders send them.
create table notifications.messages (
  id uuid not null,
  user_id uuid not null,
  sender text not null,
  category text not null,
  title text not null,
  body text not null,
  link text,
  data jsonb not null default '{}',
  created_at timestamptz not null default now(),
  -- When it is to be planned; null once it is.
  due_at timestamptz default now(),
  expires_at timestamptz not null default now() + interval '8 days',
  constraint messages_pkey primary key (id, user_id)
);
create index messages_due_at_idx on notifications.messages (due_at) where due_at is not null;
create index messages_expires_at_idx on notifications.messages (expires_at);

create table notifications.deliveries (
  id uuid not null default gen_random_uuid(),
  message_id uuid not null,
  user_id uuid not null,
  channel text not null,
  -- No foreign key: of a device that is gone nothing is sent.
  device_id uuid,
  created_at timestamptz not null default now(),
  -- While somebody is at it, when others may take it over.
  due_at timestamptz not null,
  tries integer not null default 0,
  ended_at timestamptz,
  outcome text,
  last_answer text,
  constraint deliveries_pkey primary key (id),
  constraint deliveries_message_key unique nulls not distinct (message_id, user_id, channel, device_id),
  constraint deliveries_message_fkey foreign key (message_id, user_id)
    references notifications.messages (id, user_id) on delete cascade,
  constraint deliveries_channel_check check (channel in ('email', 'digest', 'push')),
  constraint deliveries_device_check check ((channel = 'push') = (device_id is not null)),
  constraint deliveries_ended_check check ((ended_at is null) = (outcome is null)),
  constraint deliveries_outcome_check
    check (outcome in ('sent', 'read', 'expired', 'refused', 'gone', 'unreachable', 'unwanted', 'throttled'))
);
create index deliveries_due_idx on notifications.deliveries (channel, due_at) where ended_at is null;
create index deliveries_user_id_idx on notifications.deliveries (user_id, channel, created_at);

grant select, insert, update, delete on notifications.messages, notifications.deliveries to gatepost_notifications;
