-- What the auth service tells of people and apps, since this service reads no schema but its own (ADR 0025). A fact
-- holds until one with a higher version comes, in whatever order they do.
create table notifications.contacts (
  user_id uuid not null,
  version bigint not null,
  -- Null once the account is deleted: what stays keeps a late fact from bringing it back.
  email text,
  email_verified boolean not null,
  name text,
  locale text,
  is_active boolean not null,
  updated_at timestamptz not null default now(),
  constraint contacts_pkey primary key (user_id)
);
create index contacts_deleted_idx on notifications.contacts (updated_at) where email is null;

create table notifications.apps (
  client_id text not null,
  version bigint not null,
  name text not null,
  mail_from text not null,
  color text not null,
  is_default boolean not null,
  constraint apps_pkey primary key (client_id)
);

-- Events come at least once, and are told once.
create table notifications.told_events (
  id uuid not null,
  told_at timestamptz not null default now(),
  constraint told_events_pkey primary key (id)
);
create index told_events_told_at_idx on notifications.told_events (told_at);

grant select, insert, update, delete on notifications.contacts, notifications.apps, notifications.told_events
  to gatepost_notifications;
