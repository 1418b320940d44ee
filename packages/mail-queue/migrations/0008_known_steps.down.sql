revoke select on mail.schema_migrations from gatepost_mail;
