delete from auth.signing_keys where private_jwk_sealed is null;
alter table auth.signing_keys
  drop column number,
  drop column revoked_at,
  alter column private_jwk_sealed set not null;
