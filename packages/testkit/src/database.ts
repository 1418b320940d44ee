import { randomBytes } from "node:crypto"
import { type Database, openDatabase } from "@gatepost/postgres"
import { testCluster } from "./cluster.js"

type ServiceRole = "gatepost_auth" | "gatepost_notifications" | "gatepost_mail" | "gatepost_social_battery"

export interface TestDatabase {
  /** As the owner of everything. */
  url: string
  database: Database
  /** The URL that a service of this role connects with, without DDL. */
  urlOf(role: ServiceRole): string
  /** Runs SQL as the owner; `?` and `:name` bind. */
  query<Row = Record<string, unknown>>(
    sql: string,
    bindings?: unknown[] | Record<string, unknown>,
  ): Promise<Row[]>
  /** Lets time pass for everything stored: each timestamp moves that far into the past. */
  elapse(seconds: number): Promise<void>
  /** @throws when somebody still holds a connection: a service that did not stop */
  drop(): Promise<void>
}

const LEAK_GRACE_MS = 2_000

/** A fresh database with every schema in it, cloned in some 30 ms. */
export async function testDatabase(): Promise<TestDatabase> {
  const cluster = await testCluster()
  const name = `test_${randomBytes(6).toString("hex")}`
  await cluster.run(`create database ${name} template ${cluster.templateName} strategy file_copy`)
  const url = cluster.url(name)
  const database = openDatabase({ url, applicationName: "test", poolSize: 4 })
  const query = async <Row>(sql: string, bindings: unknown[] | Record<string, unknown> = []) => {
    const { rows } = await database.db.raw(sql, bindings as never)
    return rows as Row[]
  }

  return {
    url,
    database,
    query,
    urlOf: (role) => cluster.url(name, role),
    async elapse(seconds) {
      const tables = await query<{ target: string; assignments: string }>(TIMESTAMPS)
      await database.transaction(async (trx) => {
        for (const { target, assignments } of tables) {
          await trx.raw(`update ${target} set ${assignments}`, { seconds })
        }
      })
    },
    async drop() {
      const leaked = await waitForNone(() =>
        query<{ application_name: string }>(
          "select application_name from pg_stat_activity where datname = ? and application_name <> 'test'",
          [name],
        ),
      )
      await database.close()
      await cluster.run(`drop database ${name} with (force)`)
      if (leaked.length > 0) throw new Error(`connections were left open: ${JSON.stringify(leaked)}`)
    },
  }
}

const TIMESTAMPS = `
  select format('%I.%I', c.table_schema, c.table_name) as target,
    string_agg(format('%1$I = %1$I - make_interval(secs => :seconds)', c.column_name), ', ') as assignments
  from information_schema.columns c
  join information_schema.tables t using (table_schema, table_name)
  where c.table_schema in ('auth', 'notifications', 'mail', 'social_battery') and t.table_type = 'BASE TABLE'
    and c.data_type = 'timestamp with time zone' and c.table_name not like '%migrations%'
  group by 1`

async function waitForNone<Item>(look: () => Promise<Item[]>): Promise<Item[]> {
  const deadline = Date.now() + LEAK_GRACE_MS
  let found = await look()
  while (found.length > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    found = await look()
  }
  return found
}
