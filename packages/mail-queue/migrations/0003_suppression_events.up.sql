-- Who kept an address from getting mail, and who let it again: the row of a suppression is gone by then.

create table mail.suppression_events (
  address text not null,
  number bigint generated always as identity,
  at timestamptz not null default clock_timestamp(),
  action text not null,
  by text not null,
  detail text,

  constraint suppression_events_pkey primary key (address, number),
  constraint suppression_events_action_check check (action in ('suppressed', 'unsuppressed'))
);

comment on table mail.suppression_events is 'what operators did to addresses; nobody changes a row';

create index suppression_events_at_idx on mail.suppression_events (at);

-- Rows go by age alone, as mails do (MAIL_RETENTION_DAYS).
grant select, insert, delete on mail.suppression_events to gatepost_mail;
