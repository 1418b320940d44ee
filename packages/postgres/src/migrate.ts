import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import knexModule, { type Knex } from "knex"

const { knex } = knexModule

export interface MigrateOptions {
  /** A connection as the owner of the schema. */
  url: string
  schema: string
  /** Holds `NNNN_name.up.sql` and `NNNN_name.down.sql`. */
  directory: string
  /** The role without DDL that the service runs as; made without a login when missing. */
  role: string
}

export interface Migrated {
  /** The names that were applied now, in order. */
  applied: string[]
}

const MIGRATIONS_TABLE = "schema_migrations"

/**
 * Brings a schema to its newest version, or, with `to: "empty"`, takes every step back.
 *
 * Runs under an advisory lock that frees itself when the migrator dies; knex's own lock row would stay
 * behind a kill -9 (measured: SECURITY.md M14), so it is freed here under the protection of ours.
 */
export async function migrate(options: MigrateOptions, to: "newest" | "empty" = "newest"): Promise<Migrated> {
  const db = knex({ client: "pg", connection: options.url, pool: { min: 1, max: 2 } })
  try {
    if (to === "newest" && (await isNewest(db, options))) return { applied: [] }
    return await underAdvisoryLock(db, options.schema, async () => {
      await prepareSchema(db, options)
      const config = migratorConfig(options)
      await db.migrate.forceFreeMigrationsLock(config)
      const [, applied] =
        to === "newest" ? await db.migrate.latest(config) : await db.migrate.rollback(config, true)
      return { applied }
    })
  } finally {
    await db.destroy()
  }
}

function migratorConfig({ schema, directory }: MigrateOptions): Knex.MigratorConfig {
  return {
    schemaName: schema,
    tableName: MIGRATIONS_TABLE,
    migrationSource: {
      getMigrations: async () => migrationNames(directory),
      getMigrationName: (name: string) => name,
      getMigration: async (name: string) => ({
        up: (trx: Knex) => trx.raw(readFileSync(path.join(directory, `${name}.up.sql`), "utf8")),
        down: (trx: Knex) => trx.raw(readFileSync(path.join(directory, `${name}.down.sql`), "utf8")),
      }),
    },
  }
}

function migrationNames(directory: string): string[] {
  const names = readdirSync(directory).filter((file) => file.endsWith(".up.sql"))
  return names.map((file) => file.slice(0, -".up.sql".length)).sort()
}

async function isNewest(db: Knex, { schema, directory }: MigrateOptions): Promise<boolean> {
  const { rows } = await db.raw("select to_regclass(?) is not null as exists", [
    `${schema}.${MIGRATIONS_TABLE}`,
  ])
  if (!rows[0].exists) return false
  const done: string[] = await db(`${schema}.${MIGRATIONS_TABLE}`).pluck("name")
  return migrationNames(directory).every((name) => done.includes(name))
}

async function prepareSchema(db: Knex, { schema, role }: MigrateOptions): Promise<void> {
  await db.raw(`
    do $$ begin
      if not exists (select from pg_roles where rolname = '${role}') then
        create role ${role} nologin;
      end if;
    exception when duplicate_object or unique_violation then null;
    end $$;
    create schema if not exists ${schema};
    grant usage on schema ${schema} to ${role};`)
}

async function underAdvisoryLock<Result>(
  db: Knex,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const connection = await db.client.acquireConnection()
  try {
    await connection.query("select pg_advisory_lock(hashtext($1))", [`gatepost migrations of ${name}`])
    return await work()
  } finally {
    await connection.query("select pg_advisory_unlock_all()")
    await db.client.releaseConnection(connection)
  }
}
