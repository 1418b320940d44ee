import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import type { Database } from "@gatepost/postgres"
import pg from "pg"
import type { TestDatabase } from "./database.js"

/** A service with something to sweep. */
export interface Swept {
  db: TestDatabase
  /** On which the sweeps' statements are heard. */
  service: Database
  sweeps: Record<string, () => Promise<unknown>>
  stop(): Promise<void>
}

interface Row {
  table: string
  end: string
}

interface Statement {
  sql: string
  bindings: unknown[]
}

interface PlanNode {
  "Node Type": string
  "Relation Name"?: string
  "Index Name"?: string
  "Index Cond"?: string
  Plans?: PlanNode[]
}

const PAGE = new URL("../../../docs/bounds.md", import.meta.url)
const ENDS = /^(people|few|one row|when done|with `\w+`|`\w+`)$/

/**
 * The tables of a schema are as docs/bounds.md says: none is missing, and what is swept is swept in batches, by an index.
 *
 * @param start the service, with rows enough that each of its sweeps has something to delete, where it looks first
 */
export function describeBounds(schema: string, start: () => Promise<Swept>): void {
  describe(`the bounds of the schema ${schema}`, () => {
    const rows = rowsOf(schema)
    let swept: Swept

    before(async () => {
      swept = await start()
    })
    after(async () => {
      await swept.stop()
    })

    it("are written down for every table there is", async () => {
      const tables = await swept.db.query<{ name: string }>(
        `select relname as name from pg_class
         where relnamespace = ?::regnamespace and relkind in ('r', 'p') and relname not like '%migrations%'
         order by relname`,
        [schema],
      )
      assert.deepEqual(
        rows.map(({ table }) => table),
        tables.map(({ name }) => name),
      )
      for (const { table, end } of rows) assert.match(end, ENDS, table)
    })

    it("hold for rows that go with others", async () => {
      for (const { table, end } of rows) {
        const owner = /^with `(\w+)`$/.exec(end)?.[1]
        if (!owner) continue
        const found = await swept.db.query(
          "select from pg_constraint where conrelid = ?::regclass and confrelid = ?::regclass and confdeltype = 'c'",
          [`${schema}.${table}`, `${schema}.${owner}`],
        )
        assert.equal(found.length, 1, table)
      }
    })

    it("are kept by sweeps that delete some thousand rows at a time, found by an index", async () => {
      const few = new Set(rows.filter(({ end }) => end === "few").map(({ table }) => table))
      for (const [name, sweep] of Object.entries(swept.sweeps)) {
        const theirs = rows.filter(({ end }) => end === `\`${name}\``)
        const heard = await heardDuring(swept.service, sweep)
        const deleting = (await withFunctions(swept.db, heard)).filter(({ sql }) => /delete from/.test(sql))
        for (const { table } of theirs) {
          const found = deleting.some(({ sql }) =>
            new RegExp(`delete from ${schema}\\.${table}\\b`).test(sql),
          )
          assert.ok(found, `${name} deletes nothing of ${table}`)
        }
        for (const statement of deleting) {
          assert.match(statement.sql, /\blimit\b/, name)
          if (!statement.sql.includes("language plpgsql")) await assertByIndex(swept.db, statement, few)
        }
      }
      const names = new Set(Object.keys(swept.sweeps))
      for (const { table, end } of rows)
        if (end.startsWith("`")) assert.ok(names.has(end.slice(1, -1)), `${table}: there is no sweep ${end}`)
    })
  })
}

function rowsOf(schema: string): Row[] {
  const [, section = ""] = readFileSync(PAGE, "utf8").split(`\n## ${schema}\n`)
  const [own = ""] = section.split("\n## ")
  return [...own.matchAll(/^\| `(\w+)` \| .+ \| (.+) \|$/gm)].map(([, table = "", end = ""]) => ({
    table,
    end,
  }))
}

async function heardDuring({ db }: Database, work: () => Promise<unknown>): Promise<Statement[]> {
  const statements: Statement[] = []
  const hear = ({ sql, bindings }: { sql: string; bindings?: unknown[] }) =>
    void statements.push({ sql, bindings: bindings ?? [] })
  db.on("query", hear)
  try {
    await work()
  } finally {
    db.removeListener("query", hear)
  }
  return statements
}

/** What a function of the database does stands for its call. */
async function withFunctions(db: TestDatabase, statements: Statement[]): Promise<Statement[]> {
  const all = [...statements]
  for (const { sql } of statements) {
    const name = /^select (\w+\.\w+)\(/.exec(sql)?.[1]
    if (!name) continue
    const [row] = await db.query<{ source: string }>("select pg_get_functiondef(?::regproc) as source", [
      name,
    ])
    if (row) all.push({ sql: row.source.toLowerCase(), bindings: [] })
  }
  return all
}

/** Where an index could be used, it would be: a table that is read whole has none that suits. */
async function assertByIndex(
  db: TestDatabase,
  { sql, bindings }: Statement,
  few: Set<string>,
): Promise<void> {
  const client = new pg.Client({ connectionString: db.url })
  await client.connect()
  try {
    await client.query("set enable_seqscan = off")
    const { rows } = await client.query(`explain (format json) ${sql}`, bindings)
    for (const node of nodesOf(rows[0]["QUERY PLAN"][0].Plan)) {
      const relation = node["Relation Name"]
      if (node["Node Type"] === "Seq Scan" && relation && !few.has(relation))
        assert.fail(`${relation} has no index for: ${sql}`)
      const index = node["Index Name"]
      if (!index || node["Index Cond"]) continue
      const partial = await client.query(
        "select from pg_index join pg_class on oid = indexrelid where relname = $1 and indpred is not null",
        [index],
      )
      assert.ok(partial.rowCount, `${index} is read whole for: ${sql}`)
    }
  } finally {
    await client.end()
  }
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]
