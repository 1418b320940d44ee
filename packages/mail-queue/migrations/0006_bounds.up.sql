-- A suppression that ended long ago is forgotten, address and all (docs/bounds.md).
create index if not exists suppressions_expires_at_idx on mail.suppressions (expires_at) where expires_at is not null;
