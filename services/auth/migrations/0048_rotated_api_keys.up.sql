-- A key has one successor, which is the same sender: it is known by the first of them, none if that is itself.
alter table auth.api_keys add column rotated_at timestamptz, add column first_id text;
