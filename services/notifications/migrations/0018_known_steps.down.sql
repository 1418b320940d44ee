revoke select on notifications.schema_migrations from gatepost_notifications;
