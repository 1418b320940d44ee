import { ask } from "../database.js"
import type { Check } from "../patient.js"
import { fail, ok, reasonOf, warn } from "../verdict.js"

const OLDEST = 15
const NEWEST = 18

/** PostgreSQL answers, in a version that was tried. */
export const database: Check = {
  name: "database",
  async run({ env }) {
    const { host } = new URL(env.DATABASE_URL ?? "")
    const started = performance.now()
    try {
      const [row] = await ask<{ version: string; is_replica: boolean }>(
        env,
        "select current_setting('server_version') as version, pg_is_in_recovery() as is_replica",
      )
      const ms = Math.round(performance.now() - started)
      const version = row?.version ?? "0"
      const major = Number.parseInt(version, 10)
      const found = `PostgreSQL ${version} at ${host}, in ${ms} ms`
      if (row?.is_replica) return fail(`${found}, a standby`, "have DATABASE_URL name the primary")
      if (major < OLDEST) return fail(found, `use PostgreSQL ${OLDEST} to ${NEWEST}`)
      if (major > NEWEST) return warn(found, `it was tried with PostgreSQL ${OLDEST} to ${NEWEST}`)
      return ok(found)
    } catch (cause) {
      return fail(`no answer at ${host}: ${reasonOf(cause)}`, "start it, or correct DATABASE_URL")
    }
  },
}
