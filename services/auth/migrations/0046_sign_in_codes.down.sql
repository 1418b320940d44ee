alter table auth.sign_in_links drop column code_id;
