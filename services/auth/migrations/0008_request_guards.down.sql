drop table auth.rate_limits, auth.idempotency_keys;
