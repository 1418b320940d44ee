drop trigger accounts_created on auth.accounts;
drop trigger accounts_changed on auth.accounts;
drop trigger accounts_deleted on auth.accounts;
drop trigger role_grants_changed on auth.role_grants;
drop trigger sessions_revoked_event on auth.sessions;
drop trigger sessions_deleted_event on auth.sessions;
drop function auth.publish_events, auth.record_session_event, auth.record_role_event, auth.record_account_event,
  auth.record_event;
drop table auth.webhook_deliveries, auth.webhooks, auth.events;
