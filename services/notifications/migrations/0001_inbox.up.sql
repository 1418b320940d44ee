-- Direct notifications, one row each, and per user the moment up to which all counts as read: marking
-- all read is a watermark, never a bulk update (DESIGN.md D10).
create table notifications.inboxes (
  user_id uuid not null,
  read_up_to timestamptz not null default '-infinity',
  constraint inboxes_pkey primary key (user_id)
);

create table notifications.notifications (
  id uuid not null,
  user_id uuid not null,
  sender text not null,
  category text not null,
  title text not null,
  body text not null,
  data jsonb not null,
  created_at timestamptz not null,
  read_at timestamptz,
  constraint notifications_pkey primary key (id),
  constraint notifications_user_id_fkey foreign key (user_id) references notifications.inboxes (user_id)
    on delete cascade
);
create index notifications_user_id_created_at_idx
  on notifications.notifications (user_id, created_at desc, id desc);

grant select, insert, update, delete on notifications.inboxes, notifications.notifications
  to gatepost_notifications;
