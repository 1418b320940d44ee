delete from auth.one_time_codes where purpose = 'sign-in';
alter table auth.one_time_codes drop constraint one_time_codes_purpose_check;
alter table auth.one_time_codes add constraint one_time_codes_purpose_check
  check (purpose in ('verify-email', 'reset-password', 'change-email'));
drop table auth.sign_in_links;
