import assert from "node:assert/strict"
import type { TestDatabase } from "../database.js"
import { CANARY, type ContractTarget } from "./target.js"

/** Refused means that no row came, went or has anything of it; but for the audit's record of failures. */
export async function unchanged({ db }: ContractTarget, work: () => Promise<void>): Promise<void> {
  const earlier = await countRows(db)
  await work()
  assert.deepEqual(await countRows(db), earlier)
  assert.deepEqual(await tablesWith(db, CANARY), [])
}

/** The tables that hold a text somewhere. */
export async function tablesWith(db: TestDatabase, text: string): Promise<string[]> {
  const tables = await listTables(db)
  const rows = await db.query<{ name: string }>(
    tables
      .map(
        (name) => `select '${name}' as name where exists (select from ${name} r where r::text like :needle)`,
      )
      .join(" union all "),
    { needle: `%${text}%` },
  )
  return rows.map(({ name }) => name)
}

async function countRows(db: TestDatabase): Promise<unknown[]> {
  const tables = (await listTables(db)).filter((name) => !/[.]audit_|rate_limits/.test(name))
  return db.query(
    `${tables.map((name) => `select '${name}' as name, count(*)::int from ${name}`).join(" union all ")} order by name`,
  )
}

async function listTables(db: TestDatabase): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_schema in ('auth', 'notifications', 'mail', 'social_battery')`,
  )
  return rows.map(({ name }) => name)
}
