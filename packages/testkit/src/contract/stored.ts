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

async function listTables(db: TestDatabase): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_schema in ('auth', 'notifications', 'mail') and table_name not in ('audit_events', 'rate_limits')`,
  )
  return rows.map(({ name }) => name)
}

async function countRows(db: TestDatabase): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of await listTables(db)) {
    const [row] = await db.query<{ count: number }>(`select count(*)::int as count from ${table}`)
    counts[table] = row?.count ?? 0
  }
  return counts
}

export async function tablesWith(db: TestDatabase, text: string): Promise<string[]> {
  const found: string[] = []
  for (const table of [...(await listTables(db)), "auth.audit_events"]) {
    const rows = await db.query(`select 1 from ${table} as r where r::text like ? limit 1`, [`%${text}%`])
    if (rows.length > 0) found.push(table)
  }
  return found
}
