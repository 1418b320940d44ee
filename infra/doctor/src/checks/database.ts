import { isLoopback } from "@gatepost/runtime"
import { ask } from "../database.js"
import type { Check } from "../patient.js"
import { fail, ok, reasonOf, warn } from "../verdict.js"

const OLDEST = 15
const NEWEST = 18
const STATEMENT = `
  select current_setting('server_version') as version, pg_is_in_recovery() as is_replica,
    current_setting('server_encoding') as encoding,
    coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as is_tls`

interface Row {
  version: string
  is_replica: boolean
  encoding: string
  is_tls: boolean
}

/** PostgreSQL answers, in a version that was tried. */
export const database: Check = {
  name: "database",
  async run({ env }) {
    const { host, hostname } = new URL(env.DATABASE_URL ?? "")
    const started = performance.now()
    try {
      const [row] = await ask<Row>(env, STATEMENT)
      const ms = Math.round(performance.now() - started)
      const version = row?.version ?? "0"
      const major = Number.parseInt(version, 10)
      const found = `PostgreSQL ${version} at ${host}, in ${ms} ms`
      if (row?.is_replica) return fail(`${found}, a standby`, "have DATABASE_URL name the primary")
      if (major < OLDEST) return fail(found, `use PostgreSQL ${OLDEST} to ${NEWEST}`)
      if (row?.encoding !== "UTF8")
        return fail(`${found}, ${row?.encoding}`, "make the database anew: createdb -E UTF8 -T template0")
      if (!row.is_tls && hostname && !isLoopback(hostname))
        return warn(
          `${found}, in clear text`,
          "DATABASE_URL with ?sslmode=verify-full, unless the network between is yours",
        )
      if (major > NEWEST) return warn(found, `it was tried with PostgreSQL ${OLDEST} to ${NEWEST}`)
      return ok(found)
    } catch (cause) {
      return fail(`no answer at ${host}: ${reasonOf(cause)}`, "start it, or correct DATABASE_URL")
    }
  },
}
