import type { Bench } from "../bench.js"
import { type OurDatabase, query } from "./postgres.js"

/** The users whose inboxes are looked at; their ids say that they joined before anything was told. */
export const userId = (number: number): string =>
  `00000000-0000-7000-8000-${number.toString(16).padStart(12, "0")}`

export const OWNER = userId(1)
export const HOARDER = userId(2)

export interface InboxSize {
  /** Of all users. */
  rows: number
  /** Of those, how many are OWNER's, half of them read. */
  own: number
  /** And how many are HOARDER's, all of them unread. */
  unread: number
  users: number
}

export const SMALL: InboxSize = { rows: 2_000, own: 1_000, unread: 1_000, users: 2 }
export const LARGE: InboxSize = { rows: 5_000_000, own: 100_000, unread: 1_000_000, users: 1_000_000 }

const databases = new Map<string, Promise<OurDatabase>>()

/** A database with so many notifications, made once in a run; the URL as the service's role, then the owner's. */
export async function inboxDatabase(bench: Bench, name: string, size: InboxSize) {
  const postgres = await bench.postgres()
  const creating = databases.get(name) ?? create()
  databases.set(name, creating)
  const { url, urlOf } = await creating
  return { ownerUrl: url, url: urlOf("gatepost_notifications") }

  async function create(): Promise<OurDatabase> {
    const database = await postgres.createOurDatabase(name)
    for (const statement of statements(size)) await query(database.url, statement)
    return database
  }
}

/** Without its indexes first: made afterwards they take a tenth of the time. */
const statements = ({ rows, own, unread, users }: InboxSize): string[] => [
  `create table public.indexes as select indexdef from pg_indexes
     where schemaname = 'notifications' and tablename = 'notifications' and indexname not like '%pkey'`,
  `do $$ declare name text; begin
     for name in select indexname from pg_indexes
       where schemaname = 'notifications' and tablename = 'notifications' and indexname not like '%pkey'
     loop execute 'drop index notifications.' || name; end loop; end $$`,
  `insert into notifications.inboxes (user_id, changed_at, unread_count)
   select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, now(),
     case n when 1 then ${own / 2} when 2 then ${unread} else ${Math.ceil((rows - own - unread) / users)} end
   from generate_series(1, ${users}) n`,
  `set session_replication_role = replica;
   insert into notifications.notifications
     (id, user_id, sender, category, title, body, data, created_at, visible_at, unread_from)
   select ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, user_id, 'backend', 'general', 'You have a new match',
     'Somebody likes your profile, and wrote: hello there, how are you?', '{"match": 7}', at, at,
     case when n > ${own} or n % 2 = 0 then at end
   from generate_series(1, ${rows}) n
   cross join lateral (select now() - make_interval(secs => n) as at, ('00000000-0000-7000-8000-' || lpad(to_hex(
     case when n <= ${own} then 1 when n <= ${own + unread} then 2 else 3 + n % greatest(1, ${users} - 2) end
   ), 12, '0'))::uuid as user_id) row`,
  "do $$ declare def text; begin for def in select indexdef from public.indexes loop execute def; end loop; end $$",
  "vacuum analyze notifications.notifications",
  "vacuum analyze notifications.inboxes",
]
