drop index auth.oidc_artifacts_uid_key;
create index oidc_artifacts_uid_idx on auth.oidc_artifacts (model, uid) where uid is not null;
alter table auth.sessions drop column browser_uid;
