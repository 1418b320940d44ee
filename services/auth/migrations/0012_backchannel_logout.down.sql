drop trigger sessions_logged_out on auth.sessions;
drop trigger sessions_deleted_while_live on auth.sessions;
drop function auth.record_backchannel_logout;
alter table auth.sessions drop column signed_out_at;
drop table auth.backchannel_logouts;
drop table auth.backchannel_logout_clients;
