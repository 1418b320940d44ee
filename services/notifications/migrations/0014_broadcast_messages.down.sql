drop table notifications.broadcast_messages;
