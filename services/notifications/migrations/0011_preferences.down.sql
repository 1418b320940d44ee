drop function notifications.is_time_zone, notifications.digest_time, notifications.quiet_until, notifications.next_local_time;
drop table notifications.preferences;
drop table notifications.reach;
