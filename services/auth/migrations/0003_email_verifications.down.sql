drop table auth.email_verifications;
