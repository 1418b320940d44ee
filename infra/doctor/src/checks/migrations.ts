import { readdirSync } from "node:fs"
import path from "node:path"
import { gatepost } from "@gatepost/local"
import { ask } from "../database.js"
import type { Variables } from "../environment.js"
import type { Check, Finding } from "../patient.js"
import { fail, ok, reasonOf, type Verdict, warn } from "../verdict.js"

const NO_PERMISSION = "42501"
const NO_TABLE = "42P01"

/** The schemas are those of this release. */
export const migrations: Check = {
  name: "migrations",
  async run({ env }) {
    const { directories, schemas } = gatepost.migrations
    const findings = schemas.map(async (of, index): Promise<Finding> => {
      return { of, verdict: await compare(env, of, expected(directories[index] ?? "")) }
    })
    return Promise.all(findings)
  },
}

async function compare(env: Variables, schema: string, wanted: string[]): Promise<Verdict> {
  const migrate = "npm run db:migrate, then restart the services"
  try {
    const rows = await ask<{ name: string }>(
      env,
      `select name from ${schema}.schema_migrations`,
      "MIGRATION_DATABASE_URL",
    )
    const done = new Set(rows.map(({ name }) => name))
    const missing = wanted.filter((name) => !done.has(name))
    const newer = [...done].filter((name) => !wanted.includes(name))
    if (missing.length > 0) return fail(`${missing.length} are missing, from ${missing[0]} on`, migrate)
    if (newer.length > 0)
      return warn(`${newer.length} are of a newer release`, "fine during an upgrade; else start that release")
    return ok(`at ${wanted.at(-1)}`)
  } catch (cause) {
    const { code } = cause as { code?: string }
    if (code === NO_TABLE) return fail("there are none", migrate)
    if (code === NO_PERMISSION)
      return warn("this role may not see them", "set MIGRATION_DATABASE_URL to the owner's")
    return fail(reasonOf(cause), "see the check of the database")
  }
}

const expected = (directory: string): string[] =>
  readdirSync(directory)
    .filter((file) => file.endsWith(".up.sql"))
    .map((file) => path.basename(file, ".up.sql"))
    .sort()
