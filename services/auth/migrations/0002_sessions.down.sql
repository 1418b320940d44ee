drop table auth.refresh_tokens, auth.sessions;
