drop table auth.reserved_emails, auth.email_changes;
