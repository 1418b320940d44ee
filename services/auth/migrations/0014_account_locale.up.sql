-- The language that somebody registered in: a notice must not come in the language of whoever caused it.
alter table auth.accounts
  add column locale text,
  add constraint accounts_locale_check check (locale ~ '^[a-z]{2,8}(-[a-zA-Z0-9]{1,8}){0,4}$');
