alter table auth.account_deletions drop column suspended_at;
