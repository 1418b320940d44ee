-- A notification for everyone is one row, joined to each inbox when it is read; what a user did with it is a row of
-- their own, which they alone wait for (ADR 0022). The columns of both mean what they do in `notifications`.
create table notifications.broadcasts (
  id uuid not null,
  sender text not null,
  category text not null,
  title text not null,
  body text not null,
  data jsonb not null,
  link text,
  actions jsonb not null default '[]',
  created_at timestamptz not null,
  visible_at timestamptz not null,
  expires_at timestamptz not null,
  due_at timestamptz not null,
  constraint broadcasts_pkey primary key (id),
  constraint broadcasts_expires_at_check check (expires_at > visible_at)
);
create index broadcasts_visible_at_idx on notifications.broadcasts (visible_at desc, id desc);
create index broadcasts_due_at_idx on notifications.broadcasts (due_at);

create table notifications.broadcast_states (
  user_id uuid not null,
  broadcast_id uuid not null,
  visible_at timestamptz not null,
  unread_from timestamptz,
  read_at timestamptz,
  seen_at timestamptz,
  archived_at timestamptz,
  deleted_at timestamptz,
  due_at timestamptz,
  constraint broadcast_states_pkey primary key (user_id, broadcast_id),
  constraint broadcast_states_user_id_fkey foreign key (user_id) references notifications.inboxes (user_id)
    on delete cascade,
  constraint broadcast_states_broadcast_id_fkey foreign key (broadcast_id)
    references notifications.broadcasts (id) on delete cascade
);
create index broadcast_states_broadcast_id_idx on notifications.broadcast_states (broadcast_id);
create index broadcast_states_due_at_idx on notifications.broadcast_states (due_at) where due_at is not null;

grant select, insert, update, delete on notifications.broadcasts, notifications.broadcast_states
  to gatepost_notifications;
