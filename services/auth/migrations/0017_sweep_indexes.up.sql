-- Sweeps look for what is over, and an account's end for all of its sessions, also those that were revoked.
create index refresh_tokens_expires_at_idx on auth.refresh_tokens (expires_at);
create index password_resets_expires_at_idx on auth.password_resets (expires_at);
create index email_verifications_expires_at_idx on auth.email_verifications (expires_at);
drop index auth.sessions_account_id_idx;
create index sessions_account_id_idx on auth.sessions (account_id);

-- Grants are sessions; nothing looks for an artifact by its grant.
drop index auth.oidc_artifacts_grant_id_idx;
alter table auth.oidc_artifacts drop column grant_id;

-- At most a thousand a call.
create or replace function auth.delete_expired_revocations() returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare
  deleted integer;
begin
  delete from auth.revocations where ctid = any(array(
    select ctid from auth.revocations where expires_at < now() limit 1000 for update skip locked));
  get diagnostics deleted = row_count;
  return deleted;
end $$;
