-- How often somebody called of late; lost in a crash, which forgives them.
create unlogged table notifications.rate_limits (
  key varchar(255) not null,
  points integer not null default 0,
  expire bigint,
  constraint rate_limits_pkey primary key (key)
);
create index rate_limits_expire_idx on notifications.rate_limits (expire);
alter table notifications.rate_limits set (autovacuum_vacuum_scale_factor = 0.02);
grant select, insert, update, delete on notifications.rate_limits to gatepost_notifications;
