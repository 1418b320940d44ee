-- Rotation: the order in which keys were made, and keys withdrawn in an emergency. A key that is gone keeps its row,
-- as history, without its private half.
alter table auth.signing_keys
  add column number bigint generated always as identity,
  add column revoked_at timestamptz,
  alter column private_jwk_sealed drop not null;

-- Tells an installation whose keys were lost from one that has never had any.
grant select on sequence auth.signing_keys_number_seq to gatepost_auth;
