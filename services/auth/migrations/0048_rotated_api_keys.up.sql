-- A key has one successor.
alter table auth.api_keys add column rotated_at timestamptz;
