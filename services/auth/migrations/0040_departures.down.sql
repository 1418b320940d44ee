drop table auth.account_deletions;
