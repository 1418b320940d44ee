-- For tens of millions of users (docs/scaling.md): refresh tokens in 16 tables by the hash of their key, so that each is vacuumed by
-- itself. As the owner of the schema, with the auth service stopped; a minute for ten million rows.
--   psql -1 -v ON_ERROR_STOP=1 -f services/auth/partition-refresh-tokens.sql "$MIGRATION_DATABASE_URL"
alter table auth.refresh_tokens rename to refresh_tokens_whole;
alter table auth.refresh_tokens_whole rename constraint refresh_tokens_pkey to refresh_tokens_whole_pkey;
alter index auth.refresh_tokens_expires_at_idx rename to refresh_tokens_whole_expires_at_idx;
alter index auth.refresh_tokens_session_id_created_at_idx rename to refresh_tokens_whole_session_id_created_at_idx;

create table auth.refresh_tokens (like auth.refresh_tokens_whole including defaults) partition by hash (token_hash);
do $$ begin
  for part in 0..15 loop
    execute format(
      'create table auth.refresh_tokens_%s partition of auth.refresh_tokens
       for values with (modulus 16, remainder %s) with (autovacuum_vacuum_scale_factor = 0.02)', part, part);
  end loop;
end $$;
insert into auth.refresh_tokens select * from auth.refresh_tokens_whole;
drop table auth.refresh_tokens_whole;

alter table auth.refresh_tokens
  add constraint refresh_tokens_pkey primary key (token_hash),
  add constraint refresh_tokens_session_id_fkey foreign key (session_id) references auth.sessions (id) on delete cascade;
create index refresh_tokens_expires_at_idx on auth.refresh_tokens (expires_at);
create index refresh_tokens_session_id_created_at_idx on auth.refresh_tokens (session_id, created_at);
grant delete, insert, select, update on auth.refresh_tokens to gatepost_auth;
analyze auth.refresh_tokens;
