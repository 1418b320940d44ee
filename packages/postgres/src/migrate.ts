import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import knexModule, { type Knex } from "knex"
import { silent } from "./database.js"

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

// Whoever comes after a statement that waits for a lock waits behind it: so it gives up before a service's own
// statements do (2 s), lets them through, and tries again, for as long as a long report may take.
const LOCK_TIMEOUT_MS = 1_000
const LOCK_PAUSE_MS = 500
const LOCK_ATTEMPTS = 400
const LOCK_NOT_AVAILABLE = "55P03"

/**
 * Brings a schema to its newest version, or, with `to: "empty"`, takes every step back.
 *
 * Runs under an advisory lock that frees itself when the migrator dies; knex's own lock row would stay
 * behind a kill -9 (measured: SECURITY.md M14), so it is freed here under the protection of ours.
 */
export async function migrate(options: MigrateOptions, to: "newest" | "empty" = "newest"): Promise<Migrated> {
  const connection = { connectionString: options.url, lock_timeout: LOCK_TIMEOUT_MS }
  const db = knex({ client: "pg", connection, pool: { min: 1, max: 2 }, log: silent })
  try {
    if (to === "newest" && (await isNewest(db, options))) return { applied: [] }
    return await underAdvisoryLock(db, options.schema, async () => {
      await prepareSchema(db, options)
      const config = migratorConfig(options)
      if (to === "empty") {
        await db.migrate.forceFreeMigrationsLock(config)
        return { applied: (await db.migrate.rollback(config, true))[1] }
      }
      const before: string[] = await doneOf(db, options)
      await patiently(async () => {
        await db.migrate.forceFreeMigrationsLock(config)
        await db.migrate.latest(config)
      })
      return { applied: migrationNames(options.directory).filter((name) => !before.includes(name)) }
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

async function isNewest(db: Knex, options: MigrateOptions): Promise<boolean> {
  const done = await doneOf(db, options)
  return migrationNames(options.directory).every((name) => done.includes(name)) && done.length > 0
}

/** The names of what was applied so far. */
async function doneOf(db: Knex, { schema }: MigrateOptions): Promise<string[]> {
  const table = `${schema}.${MIGRATIONS_TABLE}`
  const { rows } = await db.raw("select to_regclass(?) is not null as exists", [table])
  return rows[0].exists ? db(table).pluck("name") : []
}

/** Again, where somebody else had the lock it waited for. Each migration is a transaction: what was done stays. */
async function patiently(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (cause) {
      const { code } = cause as { code?: string }
      if (code !== LOCK_NOT_AVAILABLE || attempt === LOCK_ATTEMPTS) throw cause
      await sleep(LOCK_PAUSE_MS)
    }
  }
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
    // Another migrator may take its time.
    await connection.query("set lock_timeout = 0")
    await connection.query("select pg_advisory_lock(hashtext($1))", [`gatepost migrations of ${name}`])
    return await work()
  } finally {
    await connection.query("select pg_advisory_unlock_all()")
    await db.client.releaseConnection(connection)
  }
}
