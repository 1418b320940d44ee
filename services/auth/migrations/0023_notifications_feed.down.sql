drop trigger audit_events_told_of on auth.audit_events;
drop trigger accounts_told_of on auth.accounts;
drop trigger accounts_changes_told_of on auth.accounts;
drop function auth.record_security_event, auth.is_new_device, auth.user_agent_form, auth.record_contact, auth.contact_fact;
drop table auth.facts;
drop table auth.notifications_feed;
