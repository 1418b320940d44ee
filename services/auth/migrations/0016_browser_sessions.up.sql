-- The browser in which a session of the OpenID Provider began: signing out there ends them all, whatever the
-- provider remembers of them. A device's session has none.
alter table auth.sessions add column browser_uid text;
create index sessions_browser_uid_idx on auth.sessions (browser_uid) where browser_uid is not null;
update auth.sessions s set browser_uid = begun.uid
from (
  select b.uid, app.value ->> 'grantId' as session_id
  from auth.oidc_artifacts b, jsonb_each(b.payload -> 'authorizations') app
  where b.model = 'Session'
) begun
where begun.session_id = s.id::text;

-- One row per browser, which keeps it when its id changes: what has ended there, nobody stores again.
delete from auth.oidc_artifacts older using auth.oidc_artifacts newer
where older.model = newer.model and older.uid = newer.uid
  and (older.expires_at, older.id) < (newer.expires_at, newer.id);
drop index auth.oidc_artifacts_uid_idx;
create unique index oidc_artifacts_uid_key on auth.oidc_artifacts (model, uid) where uid is not null;
