drop table auth.identities;
