drop table auth.used_id_tokens, auth.social_attempts;
