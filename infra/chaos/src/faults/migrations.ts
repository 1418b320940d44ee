import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { migrate } from "@gatepost/postgres"
import pg from "pg"
import type { Stage } from "../stage.js"
import { type Fault, type Finding, must, took } from "./fault.js"

const MIGRATOR = fileURLToPath(new URL("../../../local/dist/migrator.js", import.meta.url))
const MIGRATIONS = fileURLToPath(new URL("../../../../services/auth/migrations", import.meta.url))
const READER_MS = 5_000

export const migrations: Fault = {
  id: "R13",
  promise: "Migrations survive a kill, each other, and a long reader",
  fault:
    "two migrators at once on an empty database, one killed in the midst, and a third; then a migration that locks auth.accounts under load, while a reader holds it for 5 s",
  expected: "all steps are there once; the second waits or ends with 0; 0 failed requests",
  async inject(stage, rounds) {
    const killed: Finding[] = []
    const locked: number[] = []
    for (let round = 0; round < rounds; round++) {
      killed.push(...(await killInTheMidst(stage, `chaos_migration_${round}`)))
      stage.log("a migration waits for a reader")
      locked.push(await migrateBesideReader(stage))
    }
    return [...killed, took("with a reader of 5 s the migration took", locked)]
  },
}

async function killInTheMidst(stage: Stage, database: string): Promise<Finding[]> {
  await stage.site.query(`create database ${database}`)
  const url = Object.assign(new URL(stage.site.databaseUrl()), { pathname: `/${database}` }).href
  const [victim, other] = [startMigrator(url), startMigrator(url)]
  await sleep(500 + stage.random.below(1_500))
  stage.log("SIGKILL to a migrator")
  victim.child.kill("SIGKILL")
  const wasKilled = (await victim.code) === null
  const codes = [await other.code, await startMigrator(url).code]
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query("select name from auth.schema_migrations")
  await client.end()
  await stage.site.query(`drop database ${database}`)
  const files = readdirSync(MIGRATIONS).filter((file) => file.endsWith(".up.sql"))
  return [
    must(
      `one ${wasKilled ? "killed in the midst" : "that ended before it was killed"}; beside and after it: exit ${codes.join(", ")}`,
      codes.every((code) => code === 0),
    ),
    must(`${rows.length} of ${files.length} steps of auth`, rows.length === files.length),
  ]
}

function startMigrator(url: string): { child: ChildProcess; code: Promise<number | null> } {
  const child = fork(MIGRATOR, { stdio: "inherit" })
  child.send({ url, examples: [] })
  return { child, code: once(child, "exit").then(([code]) => code as number | null) }
}

/** One more step, on the database that people use; and back. */
async function migrateBesideReader({ site }: Stage): Promise<number> {
  const url = site.directUrl()
  const directory = mkdtempSync(path.join(tmpdir(), "gatepost-migrations-"))
  const reader = new pg.Client({ connectionString: url })
  try {
    cpSync(MIGRATIONS, directory, { recursive: true })
    writeFileSync(
      path.join(directory, "9999_chaos.up.sql"),
      "alter table auth.accounts add column chaos text;",
    )
    writeFileSync(path.join(directory, "9999_chaos.down.sql"), "alter table auth.accounts drop column chaos;")
    await reader.connect()
    await reader.query("begin")
    await reader.query("select count(*) from auth.accounts")
    const from = performance.now()
    const migrating = migrate({ url, schema: "auth", directory, role: "gatepost_auth" })
    await sleep(READER_MS)
    await reader.query("commit")
    await migrating
    return performance.now() - from
  } finally {
    await reader.end()
    await site.query("alter table auth.accounts drop column if exists chaos")
    await site.query("delete from auth.schema_migrations where name = '9999_chaos'")
    rmSync(directory, { recursive: true })
  }
}
