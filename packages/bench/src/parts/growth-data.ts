import { type Algorithm, hash } from "@node-rs/argon2"
import type { Bench } from "../bench.js"
import { type OurDatabase, query } from "./postgres.js"

/** How many people there are; each has a session, ten refresh tokens, two audit events and two known devices. */
export type Population = number

/** Of a chain the last one can be used; the others were, and are kept to know a thief by. */
export const TOKENS_EACH = 10
export const PASSWORD = "correct horse battery staple"

export const emailOf = (person: number): string => `user-${person}@example.com`
/** The one of a person's refresh tokens that can be used. */
export const refreshTokenOf = (person: number): string => `growth-${person}-${TOKENS_EACH}`

// SECURITY.md section 1: what the service itself hashes with.
const ARGON2ID: Algorithm.Argon2id = 2
const HASHING = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 }

const databases = new Map<string, Promise<OurDatabase>>()

/** A database with so many people, made once in a run; the URL as the service's role, then the owner's. */
export async function growthDatabase(bench: Bench, name: string, people: Population) {
  const creating = databases.get(name) ?? create()
  databases.set(name, creating)
  const { url, urlOf } = await creating
  return { ownerUrl: url, url: urlOf("gatepost_auth") }

  async function create(): Promise<OurDatabase> {
    const database = await (await bench.postgres()).createOurDatabase(name)
    for (const statement of statements(people, await hash(PASSWORD, HASHING)))
      await query(database.url, statement)
    return database
  }
}

/** What a person takes up in the database, indexes and all. */
export async function bytesPerPerson(ownerUrl: string, people: Population): Promise<number> {
  const [row] = await query(
    ownerUrl,
    `select sum(pg_total_relation_size(c.oid))::float8 as bytes from pg_class c
     where c.relnamespace = 'auth'::regnamespace and c.relkind = 'r'`,
  )
  return Number(row?.bytes) / people
}

const uuid = (block: string, n: string) =>
  `('00000000-0000-7000-${block}-' || lpad(to_hex(${n}), 12, '0'))::uuid`
const sha256 = (text: string) => `sha256(convert_to(${text}, 'UTF8'))`

/** Without triggers: nobody is told. The indexes of the largest table are made when it is full, in a tenth of the time. */
const statements = (people: Population, passwordHash: string): string[] => [
  `create table public.indexes as select indexdef from pg_indexes
     where schemaname = 'auth' and tablename = 'refresh_tokens' and indexname not like '%pkey'`,
  `do $$ declare name text; begin
     for name in select indexname from pg_indexes
       where schemaname = 'auth' and tablename = 'refresh_tokens' and indexname not like '%pkey'
     loop execute 'drop index auth.' || name; end loop; end $$;
   alter table auth.refresh_tokens drop constraint refresh_tokens_pkey`,
  `insert into auth.accounts (id, email, name, password_hash, email_verified_at, imported_at)
   select ${uuid("8000", "n")}, 'user-' || n || '@example.com', 'User ' || n, '${passwordHash}', now(), now()
   from generate_series(1, ${people}) n`,
  `set session_replication_role = replica;
   insert into auth.sessions (id, account_id, client_id, salt, amr, user_agent, ip, created_at, expires_at)
   select ${uuid("9000", "n")}, ${uuid("8000", "n")}, 'jobswipe', ${sha256("'salt ' || n")}, '{pwd}',
     'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
     '10.0.0.0'::inet + n, now() - interval '3 days', now() + interval '87 days'
   from generate_series(1, ${people}) n`,
  `set session_replication_role = replica;
   insert into auth.known_devices (account_id, key, kind, seen_at)
   select ${uuid("8000", "n")}, ${sha256("kind || n")}, kind, now() - interval '3 days'
   from generate_series(1, ${people}) n cross join (values ('device'), ('network')) kinds (kind)`,
  `set session_replication_role = replica;
   insert into auth.audit_events
     (at, event, outcome, account_id, session_id, client_id, ip, user_agent, request_id, personal_digest, digest, seal)
   select now() - interval '3 days', event, 'success', ${uuid("8000", "n")}, ${uuid("9000", "n")}, 'jobswipe',
     '10.0.0.0'::inet + n, 'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36', gen_random_uuid(), ${sha256("'p' || n")}, ${sha256("'d' || n")},
     1 + n / 500
   from generate_series(1, ${people}) n cross join (values ('account.registered'), ('session.started')) events (event)`,
  // Sealed, so that the service finds nothing to seal.
  `insert into auth.audit_seals (number, first_id, last_id, events, hash)
   select seal, min(id), max(id), count(*), ${sha256("seal::text")} from auth.audit_events group by seal`,
  `set session_replication_role = replica;
   insert into auth.refresh_tokens
     (token_hash, session_id, parent_hash, created_at, expires_at, consumed_at, successor_used_at, ip)
   select ${sha256("'growth-' || n || '-' || k")}, ${uuid("9000", "n")},
     case when k > 1 then ${sha256("'growth-' || n || '-' || k - 1")} end,
     at, at + interval '7 days', case when k < ${TOKENS_EACH} then at end, case when k < ${TOKENS_EACH - 1} then at end,
     '10.0.0.0'::inet + n
   from generate_series(1, ${TOKENS_EACH}) k cross join generate_series(1, ${people}) n
   cross join lateral (select now() - interval '3 days' + make_interval(hours => k * 7) as at) time`,
  `set maintenance_work_mem = '1GB';
   alter table auth.refresh_tokens add constraint refresh_tokens_pkey primary key (token_hash);
   do $$ declare def text; begin for def in select indexdef from public.indexes loop execute def; end loop; end $$`,
  "vacuum (analyze)",
  // Else it goes on writing beside what is measured.
  "checkpoint",
]
