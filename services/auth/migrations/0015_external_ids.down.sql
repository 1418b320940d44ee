alter table auth.accounts drop column imported_at, drop column external_id;
