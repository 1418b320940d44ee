-- Who leaves for good leaves no address behind: neither with mails that were sent, nor with those that wait.
create function mail.forget(forgotten text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  delete from mail.messages where lower(recipient) = lower(forgotten);
  delete from mail.suppressions where address = lower(forgotten);
  delete from mail.suppression_events where address = lower(forgotten);
end $$;

-- The mail that says so comes after that, and goes without its address when it is at its end.
create function mail.forget_recipient() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  new.recipient := 'deleted@gatepost.invalid';
  new.last_error := null;
  return new;
end $$;

create trigger messages_forgotten before update on mail.messages
  for each row when (new.kind = 'account-deleted' and new.payload is null)
  execute function mail.forget_recipient();

revoke execute on function mail.forget, mail.forget_recipient from public;
grant execute on function mail.forget to gatepost_auth;
