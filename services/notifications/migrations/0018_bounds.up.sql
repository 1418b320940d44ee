-- Its sweep finds what is over by an index (docs/bounds.md).
create index rate_limits_expire_idx on notifications.rate_limits (expire);
