-- Each person's level, and what changed it, numbered per battery: the order in which the level changed is the order
-- of the activity, and a place in it that pages can go on from.
create table social_battery.batteries (
  user_id text not null,
  level smallint not null,
  interaction_count integer not null default 0,
  updated_at timestamptz not null default now(),
  constraint batteries_pkey primary key (user_id),
  constraint batteries_level_check check (level between 0 and 100)
);

create table social_battery.interactions (
  id uuid not null default gen_random_uuid(),
  user_id text not null,
  number integer not null,
  interaction_type text not null,
  energy_change smallint not null,
  note text,
  level smallint not null,
  created_at timestamptz not null,
  idempotency_key text,
  constraint interactions_pkey primary key (id),
  constraint interactions_user_id_number_key unique (user_id, number),
  constraint interactions_user_id_fkey foreign key (user_id) references social_battery.batteries (user_id)
    on delete cascade
);
-- The answer to a retry is the interaction itself, so that a key needs no table of its own.
create unique index interactions_user_id_idempotency_key_idx
  on social_battery.interactions (user_id, idempotency_key) where idempotency_key is not null;

grant select, insert, update on social_battery.batteries to gatepost_social_battery;
grant select, insert on social_battery.interactions to gatepost_social_battery;
