-- What a person knows a session by: the device as its app named it, and where each of its tokens was asked for.
alter table auth.sessions add column device_name text;
alter table auth.refresh_tokens add column ip inet;
