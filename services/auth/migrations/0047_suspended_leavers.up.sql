-- An operator's suspension outlives that its account is about to go, and that it is kept after all.
alter table auth.account_deletions add column suspended_at timestamptz;
