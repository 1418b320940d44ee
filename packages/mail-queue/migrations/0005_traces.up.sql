-- W3C's traceparent of what caused a mail, where traces are made: random ids, nothing of anybody.
alter table mail.messages add column traceparent text;
grant insert (traceparent) on mail.messages to gatepost_auth, gatepost_notifications;
