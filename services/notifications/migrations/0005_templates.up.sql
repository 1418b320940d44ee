-- Texts with variables that a sender keeps here, and sends by their name.
create table notifications.templates (
  sender text not null,
  name text not null,
  title text not null,
  body text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint templates_pkey primary key (sender, name)
);

grant select, insert, update, delete on notifications.templates to gatepost_notifications;
