drop function auth.publish_next_revocations;
drop function auth.forget_audit_seal;
drop table auth.audit_base;
revoke update (expires_at) on auth.used_id_tokens from gatepost_auth;
revoke update (created_at) on auth.events from gatepost_auth;
alter table auth.rate_limits reset (autovacuum_vacuum_scale_factor);
alter table auth.refresh_tokens reset (autovacuum_vacuum_scale_factor);
alter table auth.sessions reset (autovacuum_vacuum_scale_factor);
drop index auth.service_client_secrets_expires_at_idx, auth.known_devices_networks_idx, auth.webhook_deliveries_created_at_idx, auth.rate_limits_expire_idx,
  auth.sign_in_approvals_expires_at_idx, auth.reserved_emails_expires_at_idx, auth.email_changes_over_idx,
  auth.api_keys_over_idx, auth.totp_factors_pending_idx, auth.one_time_codes_expires_at_idx;
