drop table auth.oidc_artifacts;
