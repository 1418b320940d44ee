alter table auth.accounts drop column locale;
