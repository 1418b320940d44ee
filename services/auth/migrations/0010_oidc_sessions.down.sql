alter table auth.accounts drop column signed_out_at;
alter table auth.refresh_tokens drop column oidc_payload;
alter table auth.sessions drop column oidc_grant, drop column scopes;
