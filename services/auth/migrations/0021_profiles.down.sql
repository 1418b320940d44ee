drop table auth.profiles;
