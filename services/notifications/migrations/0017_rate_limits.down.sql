drop table notifications.rate_limits;
