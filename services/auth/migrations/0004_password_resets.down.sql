drop table auth.password_resets;
