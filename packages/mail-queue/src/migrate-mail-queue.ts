import { fileURLToPath } from "node:url"
import { lanes, queueName } from "@gatepost/contracts"
import { type Migrated, migrate } from "@gatepost/postgres"
import { LATEST_SCHEMA_VERSION, runMigrations } from "bullmq"
import pg from "pg"

const ROLE = "gatepost_mail"

/** For `schemaCheck`. */
export const MAIL_SCHEMA = {
  schema: "mail",
  directory: fileURLToPath(new URL("../migrations", import.meta.url)),
}

/**
 * Brings the schema `mail`, and BullMQ's own `bullmq` where it runs on PostgreSQL, to their newest
 * version. Does nothing, quickly, where they are there.
 *
 * @param options.url a connection as the owner of both schemas
 * @param options.redisUrl given, BullMQ needs no schema
 */
export async function migrateMailQueue(options: {
  url: string
  redisUrl?: string | undefined
}): Promise<Migrated> {
  const migrated = await migrate({ ...MAIL_SCHEMA, url: options.url, role: ROLE })
  if (!options.redisUrl) await migrateBullmq(options.url)
  return migrated
}

async function migrateBullmq(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    if (await isReady(client)) return
    // Of two at once the second would fail with "tuple concurrently updated"; the lock ends with the session.
    await client.query("select pg_advisory_lock(hashtext('gatepost migrations of bullmq'))")
    await runMigrations(client)
    await client.query(GRANTS)
  } finally {
    await client.end()
  }
}

async function isReady(client: pg.Client): Promise<boolean> {
  const { rows: found } = await client.query("select to_regclass('bullmq.migration') is not null as exists")
  if (!found[0].exists) return false
  const { rows } = await client.query(
    `select (select max(version) from bullmq.migration) >= $1
        and has_table_privilege($2, 'bullmq.job', 'insert')
        and (select bool_and(to_regclass('bullmq.' || bullmq.job_id_seq_name(queue)) is not null)
             from unnest($3::text[]) as queue) as ready`,
    [LATEST_SCHEMA_VERSION, ROLE, lanes.map(queueName)],
  )
  return rows[0].ready
}

// BullMQ makes a sequence per queue on its first use, which a role without DDL may not.
const GRANTS = `
  do $$
  declare queue text;
  begin
    foreach queue in array array['${lanes.map(queueName).join("', '")}'] loop
      execute format('create sequence if not exists bullmq.%I', bullmq.job_id_seq_name(queue));
    end loop;
  end $$;
  grant usage on schema bullmq to ${ROLE};
  grant select, insert, update, delete on all tables in schema bullmq to ${ROLE};
  grant usage, select on all sequences in schema bullmq to ${ROLE};
  grant execute on all functions in schema bullmq to ${ROLE};
  alter default privileges in schema bullmq grant select, insert, update, delete on tables to ${ROLE};
  alter default privileges in schema bullmq grant usage, select on sequences to ${ROLE};
  alter default privileges in schema bullmq grant execute on functions to ${ROLE};`
