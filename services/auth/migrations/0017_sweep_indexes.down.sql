alter table auth.oidc_artifacts add column grant_id text;
create index oidc_artifacts_grant_id_idx on auth.oidc_artifacts (grant_id) where grant_id is not null;

drop index auth.sessions_account_id_idx;
create index sessions_account_id_idx on auth.sessions (account_id) where revoked_at is null;
drop index auth.email_verifications_expires_at_idx;
drop index auth.password_resets_expires_at_idx;
drop index auth.refresh_tokens_expires_at_idx;

create or replace function auth.delete_expired_revocations() returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare
  deleted integer;
begin
  delete from auth.revocations where expires_at < now();
  get diagnostics deleted = row_count;
  return deleted;
end $$;
