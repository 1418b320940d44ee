drop index auth.accounts_email_order_idx;
drop table auth.admin_invitations, auth.role_grants;
