import type { TestDatabase } from "@gatepost/testkit"

/** Every row of every table of every schema, as `pg_dump` would write it, by table. */
export async function dump(db: TestDatabase): Promise<Map<string, string>> {
  const tables = await db.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  )
  const texts = new Map<string, string>()
  for (const { name } of tables) {
    const rows = await db.query<{ text: string }>(`select r::text as text from ${name} r`)
    texts.set(name, rows.map(({ text }) => text).join("\n"))
  }
  return texts
}

/** The tables that hold one of these texts. */
export async function tablesWith(db: TestDatabase, needles: string[]): Promise<string[]> {
  const found: string[] = []
  for (const [name, text] of await dump(db))
    for (const needle of needles) if (text.includes(needle)) found.push(`${needle} in ${name}`)
  return found
}
