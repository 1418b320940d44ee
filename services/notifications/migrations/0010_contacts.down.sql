drop table notifications.told_events;
drop table notifications.apps;
drop table notifications.contacts;
