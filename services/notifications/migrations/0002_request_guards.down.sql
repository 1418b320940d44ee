drop table notifications.idempotency_keys;
