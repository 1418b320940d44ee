drop function auth.erase_audit_events(uuid);
drop function auth.seal_audit_events(bigint[], bigint, bytea, bytea);
drop function auth.audit_digest(auth.audit_events);
drop function auth.audit_personal_digest(auth.audit_events);
drop table auth.audit_head, auth.audit_seals;
alter table auth.audit_events drop column seal, drop column digest, drop column personal_digest, drop column salt;
