drop table notifications.broadcast_states, notifications.broadcasts;
