alter table auth.api_keys drop column rotated_at, drop column first_id;
