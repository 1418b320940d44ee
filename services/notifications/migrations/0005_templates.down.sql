drop table notifications.templates;
