-- A code signs in whoever asked for the very mail it came in, not whoever asked before.
alter table auth.sign_in_links add column code_id uuid;
