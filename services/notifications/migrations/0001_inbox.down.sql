drop table notifications.notifications, notifications.inboxes;
