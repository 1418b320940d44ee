revoke select on auth.schema_migrations from gatepost_auth;
