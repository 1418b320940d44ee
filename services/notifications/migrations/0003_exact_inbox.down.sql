drop index notifications.notifications_user_id_visible_at_idx, notifications.notifications_user_id_category_idx,
  notifications.notifications_archived_idx, notifications.notifications_unread_idx,
  notifications.notifications_unread_again_idx, notifications.notifications_user_id_due_at_idx,
  notifications.notifications_due_at_idx;
alter table notifications.notifications
  drop column link, drop column actions, drop column visible_at, drop column unread_from, drop column seen_at,
  drop column archived_at, drop column expires_at, drop column due_at;
alter table notifications.inboxes
  drop column unread_count, drop column seen_up_to, drop column changed_at, reset (fillfactor);
create index notifications_user_id_created_at_idx
  on notifications.notifications (user_id, created_at desc, id desc);
