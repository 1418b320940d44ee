-- A message to everyone is one row; it becomes messages to each in chunks, up to the user in `reached`.
create table notifications.broadcast_messages (
  id uuid not null,
  sender text not null,
  category text not null,
  title text not null,
  body text not null,
  link text,
  data jsonb not null default '{}',
  due_at timestamptz not null,
  expires_at timestamptz not null,
  reached uuid,
  constraint broadcast_messages_pkey primary key (id)
);
create index broadcast_messages_due_at_idx on notifications.broadcast_messages (due_at);

grant select, insert, update, delete on notifications.broadcast_messages to gatepost_notifications;
