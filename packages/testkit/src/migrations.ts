/// <reference types="mocha" />
import assert from "node:assert/strict"
import { migrate } from "@gatepost/postgres"
import { type TestDatabase, testDatabase } from "./database.js"

export interface MigratedSchema {
  schema: string
  /** Where its migrations are. */
  directory: string
  /** Who works on it. */
  role: string
  /** One of its tables. */
  table: string
}

/** The tests that every schema of migrations has to pass (R13). */
export function describeMigrations({ schema, directory, role, table }: MigratedSchema): void {
  describe(`the ${schema} schema`, () => {
    let db: TestDatabase

    before(async () => {
      db = await testDatabase()
    })
    after(() => db.drop())

    it("goes down step by step and comes up again, the same as before", async () => {
      const options = { url: db.url, schema, directory, role }
      const before = await describeSchema(db, schema)
      assert.ok(before.some(({ what }) => what.includes(table)))

      const down = await migrate(options, "empty")
      const left = (await describeSchema(db, schema)).filter(
        ({ what }) => !what.includes("schema_migrations"),
      )
      assert.deepEqual(left, [])

      const up = await migrate(options)
      assert.deepEqual(up.applied, [...down.applied].reverse())
      assert.deepEqual(await describeSchema(db, schema), before)
      assert.deepEqual(await migrate(options), { applied: [] })
    })
  })
}

/** Columns, constraints, indexes and grants: what a schema is, in one list. */
const describeSchema = (db: TestDatabase, schema: string) =>
  db.query<{ what: string }>(
    `select concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default) as what
       from information_schema.columns where table_schema = :schema
     union all select concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
       from pg_constraint where connamespace = :schema::regnamespace
     union all select indexdef from pg_indexes where schemaname = :schema
     union all select concat_ws(' ', grantee, privilege_type, table_name)
       from information_schema.role_table_grants where table_schema = :schema
     order by what`,
    { schema },
  )
