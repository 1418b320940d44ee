drop table notifications.deliveries;
drop table notifications.messages;
