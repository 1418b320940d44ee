-- Run once, by the postgres image when its volume is empty; elsewhere by a superuser, or by the database's owner who may
-- make roles and databases. A login for whoever owns the schemas, and one without DDL for each service (DESIGN.md D16).
-- The migrations grant the rest.
\getenv owner_password POSTGRES_OWNER_PASSWORD
\getenv auth_password POSTGRES_AUTH_PASSWORD
\getenv notifications_password POSTGRES_NOTIFICATIONS_PASSWORD
\getenv mail_password POSTGRES_MAIL_PASSWORD
\getenv social_battery_password POSTGRES_SOCIAL_BATTERY_PASSWORD

create role gatepost_owner login password :'owner_password';
create role gatepost_auth login password :'auth_password';
create role gatepost_notifications login password :'notifications_password';
create role gatepost_mail login password :'mail_password';
create role gatepost_social_battery login password :'social_battery_password';

-- Who is no superuser can give away to roles of their own alone.
grant gatepost_owner to current_user;
alter database :"DBNAME" owner to gatepost_owner;
revoke all on database :"DBNAME" from public;
grant connect on database :"DBNAME" to gatepost_auth, gatepost_notifications, gatepost_mail, gatepost_social_battery;
-- BullMQ on PostgreSQL, where there is no Redis, adds jobs by way of a temporary table.
grant temporary on database :"DBNAME" to gatepost_mail;
