create index refresh_tokens_session_id_idx on auth.refresh_tokens (session_id);
drop index auth.refresh_tokens_session_id_created_at_idx;
