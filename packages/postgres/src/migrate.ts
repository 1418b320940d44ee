import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import knexModule, { type Knex } from "knex"

const { knex } = knexModule

/** A schema, and where its steps are. */
export interface Schema {
  schema: string
  /** Holds `NNNN_name.up.sql` and `NNNN_name.down.sql`. */
  directory: string
}

export interface MigrateOptions extends Schema {
  /** A connection as the owner of the schema. */
  url: string
  /** The role without DDL that the service runs as; made without a login when missing. */
  role: string
}

export interface Migrated {
  /** The names that were applied now, in order. */
  applied: string[]
}

const MIGRATIONS_TABLE = "schema_migrations"
// Whoever comes after a migration that waits for a lock waits behind it: so it never waits as long as a service's own
// statements do (2 s), gives way to all of them, and tries again.
const LOCK_TIMEOUT_MS = 1_000
const LOCK_ATTEMPTS = 30
const GIVE_WAY_MS = 3_000
const LOCK_NOT_AVAILABLE = "55P03"

/**
 * Brings a schema to its newest version, or, with `to: "empty"`, takes every step back.
 *
 * Runs under an advisory lock that frees itself when the migrator dies; knex's own lock row would stay
 * behind a kill -9 (measured: SECURITY.md M14), so it is freed here under the protection of ours.
 */
export async function migrate(options: MigrateOptions, to: "newest" | "empty" = "newest"): Promise<Migrated> {
  const connection = { connectionString: options.url, lock_timeout: LOCK_TIMEOUT_MS }
  const db = knex({ client: "pg", connection, pool: { min: 1, max: 2 } })
  try {
    if (to === "newest" && (await isNewest(db, options))) return { applied: [] }
    return await underAdvisoryLock(db, options.schema, async () => {
      await givingWay(() => prepareSchema(db, options))
      const config = migratorConfig(options)
      // Each step is a transaction of its own: those before one that gave way stay.
      const applied: string[] = []
      const before = await appliedOf(db, config)
      await givingWay(async () => {
        await db.migrate.forceFreeMigrationsLock(config)
        if (to === "newest") await db.migrate.latest(config)
        else applied.push(...(await db.migrate.rollback(config, true))[1])
      })
      const after = await appliedOf(db, config)
      return { applied: to === "newest" ? after.filter((name) => !before.includes(name)) : applied }
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

/** The steps of a schema, in order. */
export function migrationNames(directory: string): string[] {
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

/** @throws what `work` throws; a lock that was not to be had only after many attempts */
async function givingWay(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (cause) {
      if ((cause as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw cause
      if (attempt === LOCK_ATTEMPTS) {
        throw new Error(
          "somebody holds a lock for minutes that a migration needs: end the longest transactions",
          { cause },
        )
      }
      await sleep(GIVE_WAY_MS)
    }
  }
}

/** The names of the steps that were done, in order. */
async function appliedOf(db: Knex, config: Knex.MigratorConfig): Promise<string[]> {
  const [done] = (await db.migrate.list(config)) as [{ name: string }[], unknown]
  return done.map(({ name }) => name)
}

async function underAdvisoryLock<Result>(
  db: Knex,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const connection = await db.client.acquireConnection()
  try {
    // For another migrator, which may take long.
    await connection.query("set lock_timeout = 0")
    await connection.query("select pg_advisory_lock(hashtext($1))", [`gatepost migrations of ${name}`])
    return await work()
  } finally {
    await connection.query("select pg_advisory_unlock_all()")
    await db.client.releaseConnection(connection)
  }
}
