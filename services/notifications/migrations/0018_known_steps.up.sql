-- A process is not ready before the steps are done that it knows.
grant select on notifications.schema_migrations to gatepost_notifications;
