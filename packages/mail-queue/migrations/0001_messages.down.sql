-- The roles stay: they belong to the whole cluster, not to this schema.

revoke usage on schema mail from gatepost_auth, gatepost_notifications;
drop table mail.events;
drop table mail.messages;
drop function mail.record_event();
