-- How somebody wants to be reached. The inbox itself always has everything.
create table notifications.reach (
  user_id uuid not null,
  time_zone text not null default 'UTC',
  -- Of the person's own clock; from after until is over midnight.
  quiet_from time,
  quiet_until time,
  digest_every text not null default 'day',
  digest_at time not null default '08:00',
  -- Given away in links that end mails, and good for nothing else.
  unsubscribe_key uuid not null default gen_random_uuid(),
  constraint reach_pkey primary key (user_id),
  constraint reach_unsubscribe_key_key unique (unsubscribe_key),
  constraint reach_digest_every_check check (digest_every in ('hour', 'day', 'week')),
  constraint reach_quiet_check check ((quiet_from is null) = (quiet_until is null) and quiet_from <> quiet_until)
);

-- The category '*' is for those that have no row of their own.
create table notifications.preferences (
  user_id uuid not null,
  category text not null,
  channel text not null,
  mode text not null,
  constraint preferences_pkey primary key (user_id, category, channel),
  constraint preferences_user_id_fkey foreign key (user_id) references notifications.reach (user_id) on delete cascade,
  constraint preferences_mode_check check (
    (channel = 'email' and mode in ('instant', 'digest', 'off')) or (channel = 'push' and mode in ('instant', 'off'))
  )
);

-- When somebody's clock next shows a time; where the clock is put forward over it, just after.
create function notifications.next_local_time(after timestamptz, time_zone text, at_time time) returns timestamptz
language sql stable set search_path = pg_catalog as $$
  select min(candidate) from (
    select ((after at time zone time_zone)::date + days + at_time) at time zone time_zone as candidate
    from generate_series(0, 2) as days
  ) candidates where candidate > after
$$;

-- The end of the quiet hours that a moment is in; null outside them.
create function notifications.quiet_until(
  moment timestamptz, time_zone text, quiet_from time, quiet_until time
) returns timestamptz
language sql stable set search_path = pg_catalog as $$
  select case when quiet_from is not null and (
    case when quiet_from < quiet_until then local >= quiet_from and local < quiet_until
    else local >= quiet_from or local < quiet_until end
  ) then notifications.next_local_time(moment, time_zone, quiet_until) end
  from (select (moment at time zone time_zone)::time as local) clock
$$;

-- When the digest that something of a moment belongs to is sent; weeks begin with Monday.
create function notifications.digest_time(
  moment timestamptz, time_zone text, every text, at_time time
) returns timestamptz
language sql stable set search_path = pg_catalog as $$
  select case every
    when 'hour' then date_trunc('hour', moment) + interval '1 hour'
    when 'day' then notifications.next_local_time(moment, time_zone, at_time)
    else (
      select min(candidate) from (
        select (date_trunc('week', moment at time zone time_zone)::date + days + at_time) at time zone time_zone as candidate
        from unnest(array[0, 7, 14]) as days
      ) candidates where candidate > moment
    )
  end
$$;

-- Whether this server knows a time zone by this name.
create function notifications.is_time_zone(name text) returns boolean
language plpgsql stable set search_path = pg_catalog as $$
begin
  perform now() at time zone name;
  return true;
exception when invalid_parameter_value then
  return false;
end $$;

grant select, insert, update, delete on notifications.reach, notifications.preferences to gatepost_notifications;
