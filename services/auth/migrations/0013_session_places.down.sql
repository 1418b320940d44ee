alter table auth.refresh_tokens drop column ip;
alter table auth.sessions drop column device_name;
