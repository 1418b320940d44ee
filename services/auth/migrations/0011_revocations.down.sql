drop trigger sessions_revoked on auth.sessions;
drop trigger sessions_deleted on auth.sessions;
drop function auth.record_revocation, auth.publish_revocations, auth.delete_expired_revocations;
drop table auth.revocations;
