-- An unread count that is exact and costs one row, whatever the inbox holds (ADR 0022). An item is unread while
-- `unread_from` is later than its inbox's `read_up_to`; `unread_count` has those whose time came and was settled,
-- and whoever reads it adds what is `due_at` by now and not settled yet. All times of an inbox are taken under the
-- lock of its row, and each is later than `changed_at`.
alter table notifications.inboxes
  add column unread_count bigint not null default 0,
  add column seen_up_to timestamptz not null default '-infinity',
  add column changed_at timestamptz not null default '-infinity',
  add constraint inboxes_unread_count_check check (unread_count >= 0),
  set (fillfactor = 50);

alter table notifications.notifications
  add column link text,
  add column actions jsonb not null default '[]',
  add column visible_at timestamptz,
  add column unread_from timestamptz,
  add column seen_at timestamptz,
  add column archived_at timestamptz,
  add column expires_at timestamptz,
  add column due_at timestamptz,
  -- Once it counts, only its end can be due: so `due_at = visible_at` says that it waits to appear.
  add constraint notifications_expires_at_check check (expires_at > visible_at);

update notifications.notifications
  set visible_at = created_at, unread_from = case when read_at is null then created_at end;
alter table notifications.notifications alter column visible_at set not null;
update notifications.inboxes i set
  changed_at = clock_timestamp(),
  unread_count = (select count(*) from notifications.notifications n
    where n.user_id = i.user_id and n.unread_from > i.read_up_to);

drop index notifications.notifications_user_id_created_at_idx;
create index notifications_user_id_visible_at_idx
  on notifications.notifications (user_id, visible_at desc, id desc) where archived_at is null;
create index notifications_user_id_category_idx
  on notifications.notifications (user_id, category, visible_at desc, id desc) where archived_at is null;
create index notifications_archived_idx
  on notifications.notifications (user_id, visible_at desc, id desc) where archived_at is not null;
-- What may be unread: all that nobody read by itself, …
create index notifications_unread_idx
  on notifications.notifications (user_id, visible_at desc, id desc) where unread_from is not null;
-- … and what somebody wanted unread again, however far back.
create index notifications_unread_again_idx
  on notifications.notifications (user_id, visible_at desc, id desc) where unread_from > visible_at;
create index notifications_user_id_due_at_idx
  on notifications.notifications (user_id, due_at) where due_at is not null;
create index notifications_due_at_idx on notifications.notifications (due_at) where due_at is not null;
