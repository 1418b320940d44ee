drop table auth.one_time_codes;
