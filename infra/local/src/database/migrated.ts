import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { Client } from "pg"
import type { Migrations } from "../programs.js"

/**
 * Names a state of the migrations: their files, and the versions of the libraries that bring their own.
 *
 * @param redis whether the queues are there, and so need no schema
 */
export function fingerprintOf({ directories, lockFile }: Migrations, redis: boolean): string {
  const hash = createHash("sha256").update(String(redis)).update(readFileSync(lockFile))
  for (const directory of directories)
    for (const name of readdirSync(directory).sort())
      hash.update(`\0${name}\0`).update(readFileSync(path.join(directory, name)))
  return `migrated by ${hash.digest("hex")}`
}

/**
 * Whether the built-in database was brought to this state before, and still has every schema. It spares each
 * start the libraries that migrate, which take longer to load than the database to start.
 */
export async function isMigrated(
  url: string,
  fingerprint: string,
  { schemas }: Migrations,
): Promise<boolean> {
  const { rows } = await query(
    url,
    `select shobj_description(oid, 'pg_database') = $1 as noted,
            (select count(*) from pg_namespace where nspname = any($2)) = cardinality($2) as whole
     from pg_database where datname = current_database()`,
    [fingerprint, schemas],
  )
  return rows[0]?.noted === true && rows[0].whole === true
}

export async function noteMigrated(url: string, fingerprint: string): Promise<void> {
  const database = decodeURIComponent(new URL(url).pathname.slice(1))
  await query(url, `comment on database "${database}" is '${fingerprint}'`)
}

async function query(url: string, text: string, values?: unknown[]) {
  const client = new Client(url)
  await client.connect()
  try {
    return await client.query(text, values)
  } finally {
    await client.end()
  }
}
