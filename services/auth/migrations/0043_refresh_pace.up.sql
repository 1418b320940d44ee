-- A session's tokens of the last minute, which say how often it was refreshed.
create index refresh_tokens_session_id_created_at_idx on auth.refresh_tokens (session_id, created_at);
drop index auth.refresh_tokens_session_id_idx;
